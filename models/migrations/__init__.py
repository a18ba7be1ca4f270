"""The schema's history, oldest first. Tables are plain SQL: Tortoise knows no composite keys and leaves checks out."""
