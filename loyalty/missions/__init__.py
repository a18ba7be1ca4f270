"""Missions: a few actions of a member that together bring a reward, once or once per period."""
