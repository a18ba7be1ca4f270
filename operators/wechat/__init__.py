"""What operators do at the side of WeChat: check the accounts, and send notices again."""
