"""A set to judge search by: documents, questions, and which document answers which question. Pure.

Documents are JSON lines with `id`, `title` and `text`; questions lines of a table with the columns `qid` and `query`,
tabs between; judgements are TREC's: question, anything, document, 1 (answers) or 0.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
DEPTH = 10  # places that count


class WrongFileError(ValueError):
    """What is wrong with which line of which file."""


@dataclass(frozen=True)
class Passage:
    key: str
    title: str
    text: str


Questions = dict[str, str]
Answers = dict[str, frozenset[str]]  # question: the documents that answer it


def read_passages(path: Path) -> list[Passage]:
    found: dict[str, Passage] = {}
    for where, line in _lines(path):
        one = _passage(where, line)
        if one.key in found:
            raise WrongFileError(f"{where}: the id {one.key} stands there a second time.")
        found[one.key] = one
    return list(_some(found, path, "documents").values())


def _passage(where: str, line: str) -> Passage:
    try:
        one: Any = json.loads(line)
    except ValueError as error:
        raise WrongFileError(f"{where}: this is no JSON ({error}).") from error
    if not isinstance(one, dict):
        one = {}
    key, title, text = one.get("id"), one.get("title") or "", one.get("text")
    if not key or not (isinstance(key, str) and isinstance(title, str) and isinstance(text, str)):
        raise WrongFileError(f"{where}: a document is an object with the strings id, title (may be left out) and text.")
    return Passage(key, title, text)


def read_questions(path: Path) -> Questions:
    lines = _lines(path)
    where, head = next(lines, (str(path), ""))
    columns = head.split("\t")
    if not {"qid", "query"} <= set(columns):
        raise WrongFileError(
            f"{where}: the first line has to name the columns, qid and query among them, tabs between."
        )
    found: Questions = {}
    for where, line in lines:
        cells = line.split("\t")
        if len(cells) != len(columns):
            raise WrongFileError(f"{where}: {len(cells)} columns, but the first line names {len(columns)}.")
        key = cells[columns.index("qid")]
        if not key or key in found:
            raise WrongFileError(f"{where}: the qid is empty or stands there a second time.")
        found[key] = cells[columns.index("query")]
    return _some(found, path, "questions")


def read_answers(path: Path) -> Answers:
    found: dict[str, set[str]] = {}
    for where, line in _lines(path):
        cells = line.split()
        if len(cells) != 4 or not cells[3].lstrip("-").isdecimal():
            raise WrongFileError(f"{where}: a judgement is four words: question, 0, document, and a whole number.")
        if int(cells[3]) > 0:
            found.setdefault(cells[0], set()).add(cells[2])
    return _some({key: frozenset(documents) for key, documents in found.items()}, path, "judgements")


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """(file and number, line) of all that are not empty."""
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield f"{path}, line {number}", line.rstrip("\r\n")
    except OSError as error:
        raise WrongFileError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise WrongFileError(f"{path} is no UTF-8 text ({error.reason}).") from error


def _some(found: dict[str, T], path: Path, what: str) -> dict[str, T]:
    if not found:
        raise WrongFileError(f"{path} holds no {what}.")
    return found


# ---- how well it was answered ----


def reciprocal_rank(answered: Sequence[str], right: frozenset[str]) -> float:
    return next((1 / place for place, key in enumerate(answered[:DEPTH], start=1) if key in right), 0.0)


def recall(answered: Sequence[str], right: frozenset[str]) -> float:
    return len(right.intersection(answered[:DEPTH])) / len(right)


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest value that `part` of all do not exceed."""
    return sorted(values)[max(math.ceil(part * len(values)) - 1, 0)]
