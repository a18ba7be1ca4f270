"""Python's garbage collector, tuned for programs that create hardly any reference cycles."""

import gc
from typing import Final

NEW_OBJECTS: Final = 50_000
OF_MANY_ROWS: Final = 500_000
"""New objects for a program that holds thousands of rows at a time, each of some forty objects, and lets go of all of them."""


def tune_garbage_collection(new_objects: int = NEW_OBJECTS) -> None:
    """Run the garbage collector rarely, after so many new objects, and exempt the objects that exist now.

    At Python's threshold of 700 new objects it ran for every second request and looked at everything in flight.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(new_objects, 10, 10)
