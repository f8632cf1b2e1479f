"""The rows that the benchmark of search asks about: of one run, or kept in a folder for the next ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils import timezone

from bench import clients, corpus
from bench.corpus import Making, Text
from tests import databases


@dataclass(frozen=True)
class Ground:
    """`folder`: for files of the run. `is_new`: whatever index there is knows nothing of these rows."""

    folder: Path
    is_new: bool
    is_kept: bool


@contextmanager
def ground(keep: Path | None, text: Text, lectures: int, windows: int) -> Iterator[Ground]:
    """The rows, in use as the site's."""
    copies = databases.copies()
    if keep is None:
        copies.set_up()
        _make(text, lectures, windows)
        with TemporaryDirectory(prefix="bench-search-") as name:
            yield Ground(Path(name), is_new=True, is_kept=False)
    elif isinstance(copies, databases.SqliteCopies):
        with _kept(keep.resolve(), copies, text, lectures, windows) as is_new:
            yield Ground(keep.resolve(), is_new=is_new, is_kept=True)
    else:
        raise SystemExit("--keep is for rows in SQLite.")
    copies.tear_down()


@contextmanager
def _kept(folder: Path, copies: databases.SqliteCopies, text: Text, lectures: int, windows: int) -> Iterator[bool]:
    folder.mkdir(parents=True, exist_ok=True)
    copies.file = folder / "rows.sqlite3"
    wanted = {"tables": copies.template.name, "clauses": len(text.clauses), "lectures": lectures, "windows": windows}
    told = folder / "rows.json"
    if told.exists() and json.loads(told.read_text()) == wanted:
        copies.use()
        yield False
        return
    told.unlink(missing_ok=True)
    copies.set_up()
    _make(text, lectures, windows)
    told.write_text(json.dumps(wanted))
    yield True


def _make(text: Text, lectures: int, windows: int) -> None:
    for made in corpus.make(text, Making(lectures, max(1, windows // lectures), timezone.now())):
        if made % 10_000 == 0:
            clients.say(f"{made} lectures made")
