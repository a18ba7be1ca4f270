"""The brand's mini-program: its web build in a frame, and the hand that plays WeChat for it."""
