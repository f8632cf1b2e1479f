"""The kinds of work there are. Apps register theirs in `ready()`; a job row names its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs.models import Job

if TYPE_CHECKING:
    from jobs.handle import JobHandle

Handler = Callable[["JobHandle"], None]
OnFailed = Callable[[Job], None]
OnRetry = Callable[[Job], bool]


@dataclass(frozen=True)
class Kind:
    """`on_failed` runs in the transaction that moves a job to failed, for good; `on_retry` in the one that gives it
    another round: false if there is nothing to try again."""

    name: str
    handler: Handler
    queue: str
    on_failed: OnFailed | None
    on_retry: OnRetry | None = None


_kinds: dict[str, Kind] = {}
_former: dict[str, str] = {}  # a name that an older version of the code gave, and today's


def register(
    kind: str,
    handler: Handler,
    *,
    queue: Job.Queue,
    on_failed: OnFailed | None = None,
    on_retry: OnRetry | None = None,
) -> None:
    """Say who does jobs of `kind`, on which queue. The handler may run twice and must be idempotent."""
    _kinds[kind] = Kind(kind, handler, queue, on_failed, on_retry)


def take_over(former: str, kind: str) -> None:
    """Rows of `former`, which an older version left, are done as `kind`."""
    _former[former] = kind


def get(kind: str) -> Kind:
    return _kinds[_former.get(kind, kind)]


def names() -> list[str]:
    """All that this worker can do, by today's and former names."""
    return [*_kinds, *(former for former, kind in _former.items() if kind in _kinds)]


def known(kind: str) -> bool:
    """False for a job of a newer or older version of the code than this worker's."""
    return _former.get(kind, kind) in _kinds
