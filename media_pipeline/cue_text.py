"""The words of a cue: out of the markup of players and editing apps, and into WebVTT. Pure."""

from __future__ import annotations

import html
import re

from media_pipeline.caption_bytes import visible

# None of these goes back over what it has read: a text made to be slow is read as fast as any other.
# {\an8}, {\pos(1,2)}, {\c&HFFFFFF&}: ASS's own, which its users leave in SubRip.
_ASS = re.compile(r"\{\s*\\[^{}]*\}")
_ASS_BREAK = re.compile(r"\\[Nn]|<br\s*/?>", re.IGNORECASE)
_RUBY = re.compile(r"<rt>[^<]*</rt>|<rp>[^<]*</rp>", re.IGNORECASE)
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s([^<>]+)>", re.IGNORECASE)
# Only what can be a tag; "3 < 5" is text. And the times inside a cue that let words appear one by one.
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<(?:\d+:)?\d{2}:\d{2}[.,]\d{3}>")
_BLANKS = re.compile(r"[^\S\n]+")


def plain(text: str) -> str:
    """What is left to read. A voice's name stands before its words, as in a transcript."""
    text = _ASS_BREAK.sub("\n", _ASS.sub("", text)).replace("\\h", " ")
    text = _VOICE.sub(lambda found: f"{found[1].strip()}：", _RUBY.sub("", text))
    text = visible(html.unescape(_TAG.sub("", text)).replace("\r", "\n"))
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def escaped(text: str) -> str:
    """As WebVTT writes it. No line may be empty or hold an arrow: it would end the cue, or begin another."""
    lines = (line for line in text.replace("\r", "\n").split("\n") if line.strip())
    return "\n".join(html.escape(line, quote=False) for line in lines)
