"""Requests that are held until somebody lets them go."""

import threading


class Held:
    """``count`` requests were held so far; those released go on."""

    def __init__(self) -> None:
        self.count = 0
        self._released = 0
        self._changed = threading.Condition()

    def hold(self) -> None:
        """Block a request until the next `release`."""
        with self._changed:
            self.count += 1
            mine = self.count
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._released >= mine)

    def wait(self, count: int, timeout: float) -> bool:
        """Block until so many requests have been held; False if that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: self.count >= count, timeout)

    def release(self) -> None:
        """Let all held requests go on."""
        with self._changed:
            self._released = self.count
            self._changed.notify_all()
