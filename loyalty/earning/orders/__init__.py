"""A member's orders: the meters that count them, the positions that rules reward, and refunds in any order."""
