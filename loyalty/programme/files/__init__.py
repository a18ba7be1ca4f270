"""Files of rules: reading one with every fault in its place, and writing one."""
