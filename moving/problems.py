"""What can be wrong with a file."""


class CannotBegin(Exception):
    """Nothing of the file can be imported; the message is one Chinese sentence or more, for the operator."""


class BadValue(ValueError):
    """A cell has a value that cannot be used; the message says in Chinese what is wrong with it."""
