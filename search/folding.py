"""Text in one width, case and script, character by character. Pure.

Folding never changes a text's length, so a place found in the folded text is the same place in the original.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import resources

# Variants that OpenCC keeps apart, but people mix.
EXTRA_FOLDS = {"著": "着", "藉": "借"}
# Written without blanks: Han with its extensions, compatibility forms, repeat mark and zero; kana; hangul.
_JOINED = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
JOINED = re.compile(f"[{_JOINED}]")
# A run of such characters, or a word of any other script.
RUN = re.compile(rf"(?P<joined>[{_JOINED}]+)|[^\W_{_JOINED}]+")
# The same as (what stands before it, such a run, such a word): one of the latter two is empty, at the end both are.
RUNS = re.compile(rf"((?:[^\w{_JOINED}]|_)*)(?:([{_JOINED}]+)|([^\W_{_JOINED}]+)|\Z)")


@cache
def simplified() -> dict[str, str]:
    """OpenCC's table of single characters; the first of several simplified forms is the usual one."""
    table = resources.files("opencc").joinpath("dictionary", "TSCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in table.splitlines() if "\t" in line)
    return {traditional: forms.split(" ")[0] for traditional, forms in pairs} | EXTRA_FOLDS


def plain_one(character: str) -> str:
    """The usual form of `character` (full-width → half-width among much else), where that is one character too."""
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character


class _Folds(dict[int, str]):
    """What `str.translate` asks for each character; worked out once a character."""

    def __missing__(self, code: int) -> str:
        folded = plain_one(chr(code))
        lower = folded.lower()
        folded = lower if len(lower) == 1 else folded
        self[code] = simplified().get(folded, folded)
        return self[code]


_folds = _Folds()


def fold(text: str) -> str:
    """`text` in one width, case and script, of the same length."""
    return text.translate(_folds)


def is_joined(token: str) -> bool:
    """Whether `token` begins with a character of a script without blanks."""
    run = RUN.match(token)
    return run is not None and run["joined"] is not None


def is_single(token: str) -> bool:
    """Whether `token` is one character of a script without blanks: the index holds it as the beginning of others."""
    return len(token) == 1 and is_joined(token)
