"""What somebody may have meant: the query with one character that sounds or looks alike. Pure.

Which of the guesses stand anywhere is asked of the index, and what is offered is searched for by the same person first,
so that nothing is offered that they may not see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from search import pinyin
from search.folding import fold, is_single

LONGEST = 12  # characters: longer questions find what is meant by the rest of their words
MOST_GUESSES = 400
# Sounds that are mixed up across the country, and by keyboards that allow it.
_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"), ("f", "h"))
_ALIKE_ENDS = (("ang", "an"), ("eng", "en"), ("ing", "in"))
# Characters that look alike, each line one kind.
_SHAPES = (
    "己已巳", "未末", "戊戌戍", "辨辩辫瓣", "侯候", "拔拨", "准淮", "今令", "免兔", "密蜜", "竞竟", "幅副",
    "晴睛情清请", "象像", "做作", "帐账", "在再", "既即", "士土", "千干于", "刀力", "大太犬", "人入八",
    "日曰目", "王玉主", "午牛", "天夫无", "见贝", "白自百", "田由甲申", "木本术", "历厉", "治冶", "传转",
    "栏拦", "哀衰衷", "崇祟", "杨扬", "抱饱泡炮跑", "坚竖", "纪记", "决诀", "练炼", "检捡险", "班斑", "版板",
    "侍待持", "析折拆", "往住注", "活话", "课棵", "党堂", "织炽职", "宣宜", "贷货", "析拆", "风凤", "乌鸟",
    "圆园", "历力", "复夏", "需须", "嬴赢", "茶荼", "竣峻骏", "沟构购", "仓苍", "裁栽载", "辍缀", "蓝篮",
    "墓慕幕暮",
)  # fmt: skip


@cache
def _common() -> tuple[str, ...]:
    """The characters people write: the first level of GB 2312, 3,755 of them."""
    rows = range(0xB0, 0xD8)
    codes = (bytes((row, cell)) for row in rows for cell in range(0xA1, 0xFF))
    return tuple(one for code in codes if (one := code.decode("gb2312", "ignore")))


@cache
def _by_sound() -> dict[str, tuple[str, ...]]:
    sounds: dict[str, dict[str, None]] = {}
    for character in _common():
        for sound in pinyin.readings_of(character)[:2]:
            sounds.setdefault(sound, {})[character] = None
    return {sound: tuple(found) for sound, found in sounds.items()}


@cache
def _by_shape() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for alike in _SHAPES:
        for one in alike:
            found.setdefault(one, {}).update(dict.fromkeys(other for other in alike if other != one))
    return {one: tuple(others) for one, others in found.items()}


def _near_sounds(sound: str) -> Iterator[str]:
    for long, short in _ALIKE:
        if sound.startswith(long):
            yield short + sound[len(long) :]
        elif sound.startswith(short):
            yield long + sound[len(short) :]
    for long, short in _ALIKE_ENDS:
        if sound.endswith(long):
            yield sound[: -len(long)] + short
        elif sound.endswith(short):
            yield sound[: -len(short)] + long


def rests(text: str) -> dict[int, str]:
    """{place of a character that may be wrong: `text`, folded, without it}. Where the rest stands nowhere, no guess
    about that character does."""
    folded = fold(text)
    if len(folded) > LONGEST:
        return {}
    return {at: f"{folded[:at]} {folded[at + 1 :]}" for at, one in enumerate(folded) if is_single(one)}


def guesses(text: str, places: Iterable[int]) -> list[str]:
    """`text`, folded, with the character at one of the places put otherwise: first those that sound the same, then
    those that look alike, then those that sound nearly so."""
    folded = fold(text)
    kinds: list[list[str]] = [[], [], []]
    for at in places:
        character = folded[at]
        sounds = pinyin.readings_of(character)[:2]
        kinds[0] += _put(folded, at, (one for sound in sounds for one in _by_sound().get(sound, ())))
        kinds[1] += _put(folded, at, iter(_by_shape().get(character, ())))
        near = (other for sound in sounds for other in _near_sounds(sound))
        kinds[2] += _put(folded, at, (one for sound in near for one in _by_sound().get(sound, ())))
    return list(dict.fromkeys(one for kind in kinds for one in kind))[:MOST_GUESSES]


def _put(text: str, at: int, characters: Iterator[str]) -> list[str]:
    return [f"{text[:at]}{one}{text[at + 1 :]}" for one in characters if one != text[at]]
