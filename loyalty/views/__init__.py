"""What the doors show: reads of one member's state, one file a feature, as frozen values.

Some go out through the API as they are (`shows` in `miniapp_api` names them): a field added to such a one is shown to members.
"""
