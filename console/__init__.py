"""The operators' web pages: `jifen console`, a process of its own beside the server.

Pages draw what reads of `loyalty` and `operators` return and call the deeds of `operators`; they hold no SQL and decide nothing.
"""
