"""邀请: who invited whom, and what it earns."""
