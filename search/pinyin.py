"""Chinese by its sound: syllables for the index, and what someone who types Latin letters may mean. Pure.

Tones are left out, ü is written v, as on keyboards. The table is read when first wanted: it costs a second.
"""

from __future__ import annotations

import re
import threading
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from search.folding import RUN, fold

if TYPE_CHECKING:
    from search.query_language import Phrase

Syllables = tuple[str, ...]
MOST_SEGMENTATIONS = 6
MOST_READINGS = 4  # of one text, beside the usual one
SHORT = 12  # characters: of longer texts only the usual reading is kept
LEAST_INITIALS, MOST_INITIALS = 2, 8
# Characters that people really read in more than one way; for all others the table's first reading is the one.
POLYPHONES = frozenset(
    "重行长乐都还没得觉教数率传弹调发分干更好和华会几假间将降角结解卷看空累量露落模难宁片便铺强切曲任塞散省什盛石识似宿提为系"
    "相校兴血应与载曾占涨折正中种转朝藏参差场处单当倒大度恶佛供观冠号喝荷仇区查朴盖缪尉郝秘车柏贾丁万俞员"
)
_importing = threading.Lock()
_LETTERS = re.compile(r"[a-z]{2,30}")


def is_letters(word: str) -> bool:
    """Whether `word`, folded, may be pinyin at all."""
    return _LETTERS.fullmatch(word) is not None


@cache
def _library() -> Any:
    """Its modules import each other in circles: two threads that begin at once would leave it half imported."""
    with _importing:
        import pypinyin
        import pypinyin.constants
        import pypinyin.contrib.tone_convert
        import pypinyin.seg.mmseg
    return pypinyin


@cache
def _toneless(toned: str) -> str:
    found: str = _library().contrib.tone_convert.to_normal(toned, v_to_u=False)
    return found


@cache
def _readings() -> dict[str, Syllables]:
    """Every character's readings without tones, the usual one first."""
    return {
        chr(code): tuple(dict.fromkeys(map(_toneless, readings.split(","))))
        for code, readings in _library().constants.PINYIN_DICT.items()
    }


def readings_of(character: str) -> Syllables:
    return _readings().get(character, ())


@lru_cache(maxsize=20_000)
def _usual(run: str) -> Syllables:
    """The syllables of a run of folded Chinese, one a character; "" where a character has none."""
    if POLYPHONES.isdisjoint(run):
        return tuple((readings_of(one) or ("",))[0] for one in run)
    library = _library()
    return tuple(chain.from_iterable(map(_of_word, library.seg.mmseg.seg.cut(run))))


def _of_word(word: str) -> Syllables:
    """As its phrase is read, where the library knows it; what lazy_pinyin gives, in a tenth of the time."""
    if known := _library().constants.PHRASES_DICT.get(word):
        return tuple(_toneless(readings[0]) for readings in known)
    return tuple((readings_of(one) or ("",))[0] for one in word)


@lru_cache(maxsize=5_000)
def _runs(text: str) -> tuple[tuple[int, Syllables], ...]:
    """(where it begins, its syllables) of each Chinese run. Kept: names of speakers and topics come back."""
    return tuple((run.start(), _usual(run[0])) for run in RUN.finditer(fold(text)) if run["joined"])


@lru_cache(maxsize=5_000)
def syllables(text: str) -> str:
    """What the index keeps of how `text` sounds: each run, and of short texts other readings, with breaks between.
    Kept as the runs are."""
    streams = [stream for _, stream in _runs(text)]
    if len(text) <= SHORT:
        streams += _others(text)
    return " 。 ".join(" ".join(filter(None, stream)) for stream in streams)


def _others(text: str) -> list[Syllables]:
    """The runs of `text` with one character read otherwise."""
    others: list[Syllables] = []
    for run in RUN.finditer(fold(text)):
        usual = _usual(run[0]) if run["joined"] else ()
        for at, said in enumerate(usual):
            may_differ = run[0][at] in POLYPHONES
            different = [one for one in readings_of(run[0][at])[:3] if may_differ and one != said]
            others += [(*usual[:at], one, *usual[at + 1 :]) for one in different]
    return others[:MOST_READINGS]


def initials(text: str) -> str:
    """The first letters of the syllables of `text`, run by run."""
    return " 。 ".join(" ".join(one[0] for one in stream if one) for _, stream in _runs(text))


@cache
def _known_syllables() -> frozenset[str]:
    return frozenset(one for readings in _readings().values() for one in readings if set(one) & set("aeiouv"))


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(one[:end] for one in _known_syllables() for end in range(1, len(one) + 1))


@lru_cache(maxsize=2_000)
def segments(typed: str) -> tuple[tuple[Syllables, bool], ...]:
    """The ways to read letters as syllables, fewest first; (syllables, whether the last may go on).

    The last one may be unfinished, for who is still typing: jiaojieb → jiao jie b…
    """
    if not is_letters(typed):
        return ()
    found: list[tuple[Syllables, bool]] = []
    _cut(typed, (), found)
    found.sort(key=lambda one: (one[1], len(one[0])))
    return tuple(found[:MOST_SEGMENTATIONS])


def _cut(rest: str, before: Syllables, found: list[tuple[Syllables, bool]]) -> None:
    if len(found) >= MOST_SEGMENTATIONS * 4:
        return
    if not rest:
        found.append((before, False))
        return
    for end in range(min(6, len(rest)), 0, -1):
        if rest[:end] in _known_syllables() and (end > 1 or rest[0] in "aeo"):
            _cut(rest[end:], (*before, rest[:end]), found)
    if before and rest in _beginnings() and rest not in _known_syllables():
        found.append(((*before, rest), True))


def initials_of(typed: str) -> Syllables:
    """`typed` as first letters of syllables, if it can be that: no syllable begins with i, u or v."""
    if not LEAST_INITIALS <= len(typed) <= MOST_INITIALS or set(typed) & set("iuv"):
        return ()
    return tuple(typed)


def places(text: str, reading: Phrase) -> list[tuple[int, int]]:
    """Where `text` sounds like `reading`."""
    wanted, found = reading.tokens, []
    for start, stream in _runs(text):
        for at in range(len(stream) - len(wanted) + 1):
            here = stream[at : at + len(wanted)]
            ends_well = here[-1].startswith(wanted[-1]) if reading.is_open else here[-1] == wanted[-1]
            if ends_well and here[:-1] == wanted[:-1]:
                found.append((start + at, start + at + len(wanted)))
    return found
