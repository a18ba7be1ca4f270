"""抽奖: the lucky wheel."""
