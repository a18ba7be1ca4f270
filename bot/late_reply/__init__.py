"""Late replies: answers that took too long for the webhook and follow as customer-service messages.

`promises` keeps the rows of `late_reply`, `sending` sends what they promise:

    due → sending → sent | unknown (never repeated) | failed        or suppressed: nothing to say any more
"""
