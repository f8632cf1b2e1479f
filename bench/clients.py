"""Clients that ask one question after the other, each a process of its own; how long each had to wait."""

from __future__ import annotations

import multiprocessing
import queue
import random
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from typing import Any

from django.db import connections

from bench.corpus import KINDS, Text
from search.relevance import percentile

Ask = Callable[[str], int]  # how many were found
WARM = 40  # questions a client asks before it counts
fork = multiprocessing.get_context("fork")


def say(line: str) -> None:
    print(f"· {line}", file=sys.stderr, flush=True)


def questions(text: Text, seed: int, count: int) -> list[tuple[str, str]]:
    chance = random.Random(seed)
    kinds = chance.choices(list(KINDS), weights=list(KINDS.values()), k=count)
    return [(kind, text.asked(kind, chance)) for kind in kinds]


def run(ask: Ask, text: Text, *, clients: int, seconds: float) -> dict[str, Any]:
    answers = fork.Queue()
    connections.close_all()  # they do not survive a fork
    processes = [
        fork.Process(target=_client, args=(ask, questions(text, seed, 20_000), seconds, answers))
        for seed in range(clients)
    ]
    for process in processes:
        process.start()
    parts = [_next(answers, processes) for _ in processes]
    for process in processes:
        process.join()
    taken = [one for some, _, _ in parts for one in some]
    by_kind = {kind: [spent for one, spent in taken if one == kind] for kind in KINDS}
    return {
        **_percentiles([spent for _, spent in taken]),
        "questions": len(taken),
        "found_part": round(sum(found for _, found, _ in parts) / len(taken), 3),
        "client_cpu_ms": round(sum(cpu for *_, cpu in parts) / len(taken) * 1000, 2),
        "kinds": {kind: _percentiles(some) for kind, some in by_kind.items() if some},
    }


def _next(answers: Any, processes: Sequence[BaseProcess]) -> Any:
    while True:
        try:
            return answers.get(timeout=1)
        except queue.Empty:
            if any(one.exitcode for one in processes):
                raise SystemExit("A client failed; it said why above.") from None


def _client(ask: Ask, asked: list[tuple[str, str]], seconds: float, answers: Any) -> None:
    warm_until = time.perf_counter() + seconds
    for _, typed in asked[:WARM]:
        if time.perf_counter() < warm_until:
            ask(typed)
    taken: list[tuple[str, float]] = []
    found = 0
    begun, cpu = time.perf_counter(), time.process_time()
    for kind, typed in asked[WARM:]:
        before = time.perf_counter()
        found += ask(typed) > 0
        taken.append((kind, (time.perf_counter() - before) * 1000))
        if time.perf_counter() - begun > seconds:
            break
    answers.put((taken, found, time.process_time() - cpu))


def _percentiles(times: list[float]) -> dict[str, float]:
    return {f"p{part}_ms": round(percentile(times, part / 100), 2) for part in (50, 95, 99)}
