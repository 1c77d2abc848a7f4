"""What was kept by an addon that has been removed since."""

from ... import said
from .base import HoldReason


class HoldReasonGone(HoldReason):
    """Stands for a reason whose code is in the database, and nowhere else."""

    def get_text(self, env, data):
        """Override of `HoldReason`: nobody knows any more what it said."""
        return env._(said.UNKNOWN)
