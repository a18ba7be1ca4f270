"""A WeChat to try Jifen on: platform.py speaks the platform's contract, phone.py is a member's phone."""
