"""Late replies: answers that were not ready when the webhook had to respond, and are sent as customer-service messages.

`promises` stores the rows of table `late_reply`, `sending` sends them:

    due → sending → sent | unknown (never repeated) | failed        or suppressed: nothing to say, or too old
"""
