"""What can go wrong with a job."""

from __future__ import annotations

from typing import Any


class JobError(Exception):
    """The work failed. `code` is a code of ui.sentences.

    `permanent`: trying again would fail again. `patient`: what was away comes back without us, so try for longer.
    `killed`: something outside stopped the work; counted as a loss, as if its worker had vanished.
    """

    def __init__(
        self, code: str, *, permanent: bool = False, patient: bool = False, killed: bool = False, **params: Any
    ) -> None:
        super().__init__(code)
        self.code, self.params = code, params
        self.permanent, self.patient, self.killed = permanent, patient, killed


class LeaseLost(Exception):
    """The job was cancelled or taken over. Stop at once and leave nothing behind."""


class Stopping(LeaseLost):
    """This worker was told to stop. The job goes back to the queue and counts neither as failed nor as lost."""
