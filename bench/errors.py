"""Why a measurement cannot be made, or its result cannot be used.

BenchError
├── BenchRuns          another run uses the folder
├── DiskTooSmall       the databases would not fit
├── UnknownMeasure     a name that is not in the table
├── BaselineFailed     pgbench did not end well
├── ChildFailed        a process that takes part ended before its time
├── Interrupted        the operator pressed Ctrl-C
├── MembersUsedUp      every member has signed in already
├── NotServing         a server did not get ready
├── SignInsLost        a member was told 签到成功 and the sign-in is not stored
└── WrongAnswers       the answers to the load were wrong, so the figures would mean nothing
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
    """pgbench did not end well; the message has the end of its output."""


class ChildFailed(BenchError):
    """A process that takes part ended before its time."""


class Interrupted(BenchError):
    """The operator pressed Ctrl-C before the measure was made."""


class MembersUsedUp(BenchError):
    """Every member has signed in or drawn already, in the measures before this one."""


class NotServing(BenchError):
    """A server ended or did not get ready; the message says where its log is."""


class WrongAnswers(BenchError):
    """The answers to the load were wrong, so the figures would mean nothing."""


class SignInsLost(BenchError):
    """Fewer sign-ins are stored than members were told 签到成功: the gravest fault that this program can have."""
