"""What a worker can do beyond its duty if somebody has installed it: where the program for it is, or why it is off."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from media_pipeline import runner

NONE = "none"  # as a setting: off, whatever is installed


@dataclass(frozen=True)
class Off:
    """A code of ui.sentences that says why, and what to do."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


def python(setting: str, name: str, module: str) -> str | Off:
    """The Python in which `module` is installed: the one that `setting` (called `name`) gives, else our own; none if
    it says so."""
    if setting == NONE:
        return Off("extra_off_by_setting", {"setting": name})
    program = setting or sys.executable
    if not Path(program).is_file():
        return Off("extra_off_no_program", {"setting": name, "path": program})
    if not _has(program, module):
        return Off("extra_off_not_installed", {"package": module, "path": program})
    return program


@cache
def _has(program: str, module: str) -> bool:
    words = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    try:
        return runner.run([program, "-B", "-c", words], timeout=20).returncode == 0
    except runner.TimedOut:
        return False
