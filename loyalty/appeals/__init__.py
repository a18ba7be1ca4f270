"""Appeals: what the member of a frozen account has to say, and the operator's answer, which may open the account again."""
