"""What a machine must have for the encodes it is told to do at once: looked at by `check --deploy`, as it asks the
machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, register

# Of one encode of all rungs: 0.5 GiB at 1080 lines (measured), 2.4 GiB at 8K. What few lectures need may be swapped.
MEMORY_OF_ONE = 1024**3


@register
def check_parts(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.ENCODE_PART_SECONDS * 2 <= settings.ENCODE_PARTS_ABOVE_SECONDS * 3:
        return []
    words = (
        f"Recordings of more than {settings.ENCODE_PARTS_ABOVE_SECONDS} s are to be encoded in parts of "
        f"{settings.ENCODE_PART_SECONDS} s: many of them are not long enough to be cut."
    )
    hint = "Set ENCODE_PART_SECONDS to half of ENCODE_PARTS_ABOVE_SECONDS or less."
    return [checks.Warning(words, hint=hint, id="media.W008")]


@register(deploy=True)
def check_machine(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    at_once, threads = settings.ENCODES_AT_ONCE, settings.ENCODE_THREADS or settings.CORES
    if at_once * threads > 2 * settings.CORES:
        words = f"{at_once} encodes at once of {threads} threads each are more than {settings.CORES} cores can do."
        hint = "Lower ENCODES_AT_ONCE or ENCODE_THREADS; unset, they fit the machine."
        found.append(checks.Warning(words, hint=hint, id="media.W009"))
    if (memory := memory_of_machine()) < at_once * MEMORY_OF_ONE:
        words = f"{at_once} encodes at once want {at_once} GiB of memory; this machine has {memory / 1024**3:.1f}."
        hint = "Lower ENCODES_AT_ONCE; a kernel short of memory kills what is largest."
        found.append(checks.Warning(words, hint=hint, id="media.W010"))
    return found


def memory_of_machine() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
