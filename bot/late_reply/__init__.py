"""Late replies: answers that were not ready when the webhook had to respond, and are sent as customer-service messages.

`promises` stores the rows of table `late_reply`, `sending` sends them. Each server sends those that it promised, and takes over
those of servers that died; the worker has no part in it.

    due → sending → sent | unknown (never repeated) | failed        or suppressed: nothing to say, or too old
"""
