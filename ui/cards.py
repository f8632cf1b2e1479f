"""The card: what a list shows of one lecture. Made by the apps that know the facts, drawn by `{% card %}`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Label = Literal["", "seal", "pick"]


@dataclass(frozen=True)
class Card:
    """`line` are watched parts as (from, to) in per cent of the length, as `{% line %}` draws them; empty: no line.

    `poster` may be empty (nothing to show yet). `alt` describes the poster; empty: it only decorates the title.
    """

    url: str
    title: str
    poster: str
    length_ms: int | None
    meta: tuple[str, ...] = ()
    label: Label = ""
    line: tuple[tuple[float, float], ...] = ()
    line_label: str = ""
    is_done: bool = False
    note: str = ""
    alt: str = ""
