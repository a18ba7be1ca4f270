"""签到: the daily sign-in."""
