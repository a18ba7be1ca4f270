"""A WeChat emulator to try Jifen on.

platform.py answers the paths of api.weixin.qq.com, push.py calls the webhook, control_http.py is the API with which a test or
a person acts as a member, and phone/ is the web page with two phones.
"""
