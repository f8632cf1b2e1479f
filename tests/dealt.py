"""`-p tests.dealt`: all lanes of script/test are told the same files, and each takes the next that nobody has taken.

So they end together, however long a file is, and none imports what another runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import pytest

TAKEN = Path(os.environ["TEST_TAKEN_DIR"])
FILES = pytest.StashKey[list[pytest.Module]]()


def pytest_sessionstart(session: Any) -> None:
    """Only the names at first: a file is imported when it is taken."""
    collect = session.perform_collect
    session.perform_collect = lambda: session.stash.setdefault(FILES, list(collect(genitems=False)))


def pytest_runtestloop(session: Any) -> bool:
    for item, following in pairwise(chain(_items(session), [None])):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    return True


def _items(session: Any) -> Iterator[pytest.Item]:
    for file in session.stash[FILES]:
        if _take(file.nodeid.replace("/", ".")):
            items = list(session.genitems(file))
            session.testscollected += len(items)
            session.config.hook.pytest_collection_modifyitems(session=session, config=session.config, items=items)
            yield from items


def _take(name: str) -> bool:
    try:
        (TAKEN / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
