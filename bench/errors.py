"""Why a measurement cannot be made or may not be believed.

BenchError
├── BenchRuns          another run uses the folder
├── DiskTooSmall       the databases would not fit
├── UnknownMeasure     a name that is not in the table
├── BaselineFailed     pgbench did not end well
├── ChildFailed        a process that takes part ended before its time
├── MembersUsedUp      none is left who has not signed in yet
├── NotServing         a server did not get ready
└── WrongAnswers       the load was not answered as it should be: the figures would mean nothing
"""


class BenchError(Exception):
    """Root of them; the message is for the operator."""


class BenchRuns(BenchError):
    """Another run is using the folder."""


class DiskTooSmall(BenchError):
    """The databases would not fit."""


class UnknownMeasure(BenchError):
    """A name that is not in the table; the message lists those that are."""


class BaselineFailed(BenchError):
    """pgbench did not end well; the message holds its last words."""


class ChildFailed(BenchError):
    """A process that takes part ended before its time."""


class MembersUsedUp(BenchError):
    """None is left who has not signed in or drawn yet: the measures before this one met them all."""


class NotServing(BenchError):
    """A server ended or did not get ready; the message says where its log is."""


class WrongAnswers(BenchError):
    """The load was not answered as it should be; the figures would mean nothing."""
