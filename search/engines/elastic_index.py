"""What an index of Elasticsearch holds: its mapping, and lectures and windows as its documents. Pure.

The tokens are ours (analysis.words), so the server only splits at blanks, and both engines find the same.
"""

from __future__ import annotations

import hashlib
import math
from base64 import b64decode, b64encode
from typing import Any

from search import ranking
from search.analysis import BREAK, characters, words
from search.engines.base import Document, Speech, maybe_microseconds
from search.engines.fts_sql import FOLDS, MADE_WITH, SLOTS, moment_key, starts_of, traits_of, traits_row
from search.ranking import Facts
from search.windows import Window

Json = dict[str, Any]
GONE = "gone"
# A word counts so often where it stands: ranking.WEIGHTS, rounded up.
REPEATED = {name: math.ceil(weight) for name, weight in ranking.WEIGHTS.items()}
LECTURE: Json = {"term": {"part": "lecture"}}
WINDOW: Json = {"term": {"part": "window"}}

_ANALYSIS: Json = {"analyzer": {"ready": {"type": "custom", "tokenizer": "whitespace"}}}
_SIMILARITY: Json = {
    "default": {"type": "BM25", "k1": ranking.K1, "b": ranking.B},
    "presence": {"type": "BM25", "k1": 0.0, "b": 0.0},  # that it is there, and how rare it is
}
_TEXT: Json = {"type": "text", "analyzer": "ready"}
_PRESENT: Json = {
    "type": "text", "analyzer": "ready", "similarity": "presence", "index_options": "docs", "norms": False,
}  # fmt: skip
_SOUND: Json = {"type": "text", "analyzer": "ready", "norms": False, "similarity": "presence"}
_KEPT: Json = {"type": "keyword", "index": False}
# Read of hits, in one piece. Where documents are stored, a block of many is unpacked for each.
_READ: Json = {"type": "binary", "doc_values": True}
_KEYWORDS = ("topic", "speaker", "organisation", "course", "length", "year", "language", "kind", "captioned",
             "featured", "state", "visibility")  # fmt: skip
_NUMBERS = ("lecture_id", "publish_at", "unpublish_at", "published_at", "views")
# Lectures, and the windows of what is said in them as their children: docs/decisions/0018, 0021
MAPPING: Json = {
    "dynamic": "strict",
    "_source": {"enabled": False},
    "properties": {
        # who asks by way of lectures, which is rare, makes the ordinals; not every refresh
        "part": {"type": "join", "relations": {"lecture": "window"}, "eager_global_ordinals": False},
        "fingerprint": _KEPT,
        # of a lecture
        **dict.fromkeys(("texts", "title", "names"), _TEXT),
        **dict.fromkeys(("pinyin", "initials"), _SOUND),
        **{key: {"type": "keyword"} for key in _KEYWORDS},
        **{key: {"type": "long"} for key in _NUMBERS},
        "characters": _PRESENT,
        "merit": {"type": "float"},
        "facts": _READ,
        "key": {"type": "keyword", "doc_values": False},  # lecture_id, where many are asked for: terms cost half
        # of a window
        "said": _TEXT,
        "about": _PRESENT,
        "source": {"type": "keyword", "doc_values": False},
        "moment": {"type": "long", "index": False},  # fts_sql.moment_key
        "shown": _READ,  # what a hit shows
        # of the first one
        "heard": {"type": "long"},  # the lecture
        "windows": {"type": "integer", "index": False, "doc_values": False, "store": True},
    },
}
SCHEMA = hashlib.sha256(repr((MAPPING, _SIMILARITY, REPEATED, FOLDS, MADE_WITH)).encode()).hexdigest()[:10]


def index_body(*, replicas: int, refresh: str | None = None) -> Json:
    return {
        "settings": {
            "number_of_shards": 1,
            "number_of_replicas": replicas,
            "analysis": _ANALYSIS,
            "similarity": _SIMILARITY,
            # Left out, not null: a null is kept, and then it is renewed each second though nobody asks.
            **({"refresh_interval": refresh} if refresh else {}),
        },
        "mappings": {**MAPPING, "_meta": {"schema": SCHEMA}},
    }


# ---- a lecture ----


def document_body(document: Document) -> Json:
    groups = document.groups
    tokens = {name: words(text) for name, text in groups.items()}
    return {
        "part": "lecture",
        "texts": f" {BREAK} ".join(tokens[name] for name, times in REPEATED.items() for _ in range(times)),
        "title": tokens["title"],
        "names": tokens["names"],
        "characters": characters(groups.values()),
        "pinyin": document.pinyin,
        "initials": document.initials,
        "lecture_id": document.lecture_id,
        "key": str(document.lecture_id),
        "state": document.state,
        "visibility": document.visibility,
        "organisation": _maybe(document.organisation_id),
        "publish_at": maybe_microseconds(document.publish_at),
        "unpublish_at": maybe_microseconds(document.unpublish_at),
        "published_at": maybe_microseconds(document.published_at),
        "kind": document.kind,
        "topic": _maybe(document.topic_id),
        "speaker": document.speaker or None,
        "course": list(map(str, document.course_ids)),
        "length": document.length or None,
        "year": _maybe(document.year),
        "language": document.language,
        "captioned": "1" if document.is_captioned else None,
        "featured": "1" if document.is_featured else None,
        "merit": document.merit,
        "views": document.views,
        "facts": _facts(document),
        "fingerprint": document.fingerprint,
    }


def gone_body(lecture_id: int) -> Json:
    """It stays, so that a late older document does not bring the lecture back."""
    return {"part": "lecture", "lecture_id": lecture_id, "state": GONE}


def _facts(one: Document) -> str:
    numbers = f"{one.lecture_id} {one.merit} {one.views} {maybe_microseconds(one.published_at) or 0}"
    return _as_binary(f"{numbers} {traits_row(one)}")


def facts(kept: str, places: frozenset[str]) -> Facts:
    lecture_id, merit, views, published_at, traits = _from_binary(kept).split(" ", 4)
    return Facts(int(lecture_id), traits_of(traits), float(merit), int(views), int(published_at), places)


def _as_binary(text: str) -> str:
    """As the server takes what it does not look into."""
    return b64encode(text.encode()).decode()


def _from_binary(kept: str) -> str:
    return b64decode(kept).decode()


def _maybe(value: int | None) -> str | None:
    return None if value is None else str(value)


# ---- what is said in it ----


def window_bodies(speech: Speech) -> list[Json]:
    """One for each window; the first, also of a silent lecture, knows how many there are."""
    about, common = words(speech.about), _window_of(speech.lecture_id)
    bodies: list[Json] = [
        {
            **common, "said": words(one.text), "about": about, "source": one.source, "shown": _shown(one),
            "moment": moment_key(speech.lecture_id, slot, one.source),
        }
        for slot, one in enumerate(speech.windows[: SLOTS // 2])
    ]  # fmt: skip
    windows = len(bodies)
    bodies = bodies or [gone_window_body(speech.lecture_id)]
    bodies[0] |= {"heard": speech.lecture_id, "windows": windows, "fingerprint": speech.fingerprint}
    return bodies


def gone_window_body(lecture_id: int) -> Json:
    return {**_window_of(lecture_id), "source": GONE}


def _window_of(lecture_id: int) -> Json:
    return {"part": {"name": "window", "parent": str(lecture_id)}}


def _shown(one: Window) -> str:
    """Lines; no text of a window has several."""
    starts = " ".join(f"{place},{ms}" for place, ms in one.starts)
    lines = f"{one.start_ms}\n{one.end_ms}\n{one.source}\n{one.language}\n{starts}\n{one.text}"
    return _as_binary(lines)


def window(shown: str) -> Window:
    start_ms, end_ms, source, language, starts, text = _from_binary(shown).split("\n", 5)
    return Window(int(start_ms), int(end_ms), text, source, language, starts_of(starts))
