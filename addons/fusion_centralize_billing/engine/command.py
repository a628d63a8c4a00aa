"""Commands to an app: what each asks for, what a confirmation means, when it is told again."""

from datetime import timedelta

DESIRED: dict[str, str] = {"suspend": "suspended", "resume": "active", "terminate": "terminated"}
"""The state that a command asks the app to bring the subscription into."""

OPEN = ("pending", "sent")
"""States of a command that waits for the app's word."""

# Seconds from one message to the next while the app takes them and says nothing.
SCHEDULE: tuple[int, ...] = (300, 900, 1800, 3600, 10800, 21600, 43200)
THEN = 86400
ALARM_AFTER = timedelta(hours=1)


def resend_delay(attempts: int) -> timedelta:
    """How long to wait after the `attempts`-th message; daily in the end, for as long as it takes.

    >>> resend_delay(1), resend_delay(7), resend_delay(100)
    (datetime.timedelta(seconds=300), datetime.timedelta(seconds=43200), datetime.timedelta(days=1))
    """
    if attempts < 1:
        raise ValueError("resend_delay() follows a message")
    return timedelta(seconds=(*SCHEDULE, THEN)[min(attempts, len(SCHEDULE) + 1) - 1])


def needed(desired: str, commanded: str | None, state: str | None, confirmed: str | None) -> bool:
    """Whether the app has to be told: not while it is being told, nor if it said that it is so.

    :param commanded, state: what the newest command asks for and what became of it, if there is one
    :param confirmed: the state that the app confirmed last

    >>> needed("suspended", None, None, None), needed("suspended", "suspended", "sent", None)
    (True, False)
    >>> needed("suspended", "suspended", "refused", "active")
    True
    """
    if commanded is None:
        return desired != confirmed
    return commanded != desired or state not in (*OPEN, "confirmed")


def judge(newest: bool, state: str, desired: str, reported: str, refused: bool) -> str:
    """What the app's word about a command does: confirm, refuse, repeat, stale or contradict.

    :param newest: no later command was issued for the subscription
    :param state: of the command, `desired`: what it asks for
    :param reported: the state the app says it is in now
    :param refused: the app gives a reason for which it did not act

    An old word never counts, whatever it says:

    >>> judge(False, "superseded", "suspended", "suspended", False)
    'stale'
    >>> judge(True, "sent", "suspended", "suspended", False)
    'confirm'
    >>> judge(True, "sent", "suspended", "active", True)
    'refuse'
    """
    agrees = reported == desired and not refused
    if state == "confirmed" and agrees:
        return "repeat"
    if not newest or state == "superseded":
        return "stale"
    if agrees:
        return "confirm"
    if refused and reported != desired and state != "confirmed":
        return "repeat" if state == "refused" else "refuse"
    return "contradict"
