"""Who answers a question: Elasticsearch, or while it fails, the embedded engine, which is fed all the same.

A circuit breaker keeps people from waiting for a server that is out: after some failures in a row it is left alone for
a while, then one question tries it again. Each process learns that for itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from search import engines
from search.engines.base import SearchEngine, SearchError

T = TypeVar("T")
logger = logging.getLogger(__name__)
FAILURES = 3
LEFT_ALONE = 10.0  # seconds


class Breaker:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_again_at = 0.0

    def lets_through(self) -> bool:
        """Whether to ask. When the while is over, only the first is let through, until it is known how it went."""
        with self._lock:
            if self._failures < FAILURES:
                return True
            now = self.clock()
            if now < self._closed_again_at:
                return False
            self._closed_again_at = now + LEFT_ALONE
            return True

    def worked(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._closed_again_at = self.clock() + LEFT_ALONE


_breakers: dict[str, Breaker] = {}


def breaker_of(engine: SearchEngine) -> Breaker:
    return _breakers.setdefault(engine.name, Breaker())


def forget() -> None:
    """Nothing has failed yet (tests)."""
    _breakers.clear()


def ask(question: Callable[[SearchEngine], T]) -> tuple[T, bool]:
    """The answer, and whether it comes from an engine that only stands by. Raises SearchError if none answers.

    The whole question is put to one engine, and if that fails half-way, anew to the next.
    """
    first, *standing_by = engines.fed()
    if not standing_by:
        return question(first), False
    breaker = breaker_of(first)
    if breaker.lets_through():
        try:
            answer = question(first)
        except SearchError as error:
            breaker.failed()
            logger.warning("the search server fails; the engine standing by answers", extra={"error": str(error)})
        else:
            breaker.worked()
            return answer, False
    return question(standing_by[0]), True
