"""Prices and odds as each member was last shown them in the chat, so that nothing is spent at others.

A word of the chat names a thing and no price: 兑换 2, 抽奖, 补签 26. The price that the member agrees to is the one they were last
shown. It is stored per subject as a short text (`version`), such as the price of a reward or the version of a wheel's odds. A
member who was never shown any is served at what is in force.
"""
