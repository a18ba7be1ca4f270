"""Jifen (积分): a points programme that lives inside WeChat."""
