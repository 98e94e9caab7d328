"""Anomaly mode: find the forward line of the operation whose gradient went bad."""

from __future__ import annotations

from ..engine import change, current


class detect_anomaly(change):
    """Remember where every node is made, and raise at the first nan on the way back.

    The error names the operation and shows the lines that computed it.
    """

    def __init__(self, check_nan: bool = True) -> None:
        super().__init__(anomaly=check_nan)


class set_detect_anomaly(change):
    """Switch anomaly mode on or off, from here on; inside a `with`, until its end."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        super().__init__(anomaly=bool(mode))
        self.before = current.mode
        current.mode = current.mode._replace(anomaly=bool(mode))

    def __enter__(self) -> set_detect_anomaly:
        self.saved.append(self.before)
        return self
