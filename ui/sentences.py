"""What the product says when something cannot be done: a code with parameters in rows, a sentence only on the way out.

Every app registers its own sentences (`<app>/sentences.py`, imported in its AppConfig.ready). A sentence says what
happened and what to do. Codes are stable: they are part of the API and stand in rows for years.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import override

LANGUAGES = ("zh-hans", "en")
_sentences: dict[str, str | Promise] = {}


def register(sentences: Mapping[str, str | Promise]) -> None:
    """Add lazy sentences by code. Parameters stand in them as `%(name)s`."""
    for code, sentence in sentences.items():
        if _sentences.get(code, sentence) != sentence:
            raise ValueError(f"Two sentences for the code {code!r}.")
        _sentences[code] = sentence


def codes() -> frozenset[str]:
    return frozenset(_sentences)


def say(code: str, params: Mapping[str, Any] | None = None) -> str:
    """The sentence for `code` in the active language."""
    return str(_sentences[code]) % dict(params or {})


def say_in_all(code: str, params: Mapping[str, Any] | None = None) -> dict[str, str]:
    """The sentence in every language: `{"zh-hans": …, "en": …}`, the API's `message`."""
    said = {}
    for language in LANGUAGES:
        with override(language):
            said[language] = say(code, params)
    return said


class Refused(Exception):
    """Something a person asked for cannot be done, and there is a sentence that says why.

    `status` is the HTTP status an API answers with, `field` the input at fault, if one is.
    """

    def __init__(self, code: str, *, status: int = 400, field: str | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code, self.status, self.field, self.params = code, status, field, params

    def __str__(self) -> str:
        return say(self.code, self.params)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "message": say_in_all(self.code, self.params), "field": self.field}
