"""What can go wrong with a job."""

from __future__ import annotations

from typing import Any


class JobError(Exception):
    """The work failed. `code` is a code of ui.sentences. `permanent`: trying again would fail again."""

    def __init__(self, code: str, *, permanent: bool = False, **params: Any) -> None:
        super().__init__(code)
        self.code, self.permanent, self.params = code, permanent, params


class LeaseLost(Exception):
    """The job was cancelled or taken over. Stop at once and leave nothing behind."""


class Stopping(LeaseLost):
    """This worker was told to stop. The job goes back to the queue and counts neither as failed nor as lost."""
