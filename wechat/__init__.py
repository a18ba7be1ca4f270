"""The WeChat protocol: signature, AES, messages, replies, API client, access tokens. No loyalty words."""
