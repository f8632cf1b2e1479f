"""`manage.py try_media FILE… [--json] [--language en] [--keep FOLDER]`: what the pipeline makes of files."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config import supervisor, trial_run

_DECIDED = {"ready", "refused"}
_INSTALLATION = ("DATABASE_URL", "STORAGE_URL", "SCRATCH_DIR", "CELERY_BROKER_URL", "REDIS_URL")


class Command(BaseCommand):
    help = (
        "Pass files through the very pipeline, in a passing installation of its own: nothing of the site's is read or "
        "written, and it may run meanwhile. Ends with 0 when each file became ready or was refused with its reason."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")
        parser.add_argument("--language", choices=[code for code, _ in settings.LANGUAGES], help="of the sentences")
        parser.add_argument("--keep", metavar="FOLDER", help="put what would be served there, a folder a file")
        parser.add_argument("--full", action="store_true", help="with all that inspection found (JSON only)")

    def handle(self, *, files: list[str], json: bool, **options: Any) -> None:
        language = options["language"] or settings.LANGUAGE_CODE
        if os.environ.get(trial_run.INSIDE):
            keep = Path(options["keep"]) if options["keep"] else None
            self.stdout.write(trial_run.report(Path(files[0]), language, keep=keep, tell=self.stderr.write))
            return
        outcomes = []
        with _passing_installation() as data:
            for name in files:
                outcome = _run_inside(data, name, language, options["keep"])
                if not options["full"]:
                    outcome.pop("info", None)
                outcomes.append(outcome)
                self.stdout.write(_line(outcome) if json else _row(outcome))
                self.stdout.flush()
        if any(one["outcome"] not in _DECIDED for one in outcomes):
            sys.exit(1)


@contextmanager
def _passing_installation() -> Iterator[Path]:
    """A folder that is gone afterwards, also when we are told to end."""

    def end(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        with tempfile.TemporaryDirectory(prefix="try-media-") as folder:
            yield Path(folder)
    finally:
        signal.signal(signal.SIGTERM, before)


def _run_inside(data: Path, name: str, language: str, keep: str | None) -> dict[str, Any]:
    """One file in a process of its own, so that its memory is its own and nothing it does can end the others."""
    path = Path(name).absolute()  # also: no name is an option of ours, or a protocol of ffmpeg's
    name = os.fsencode(name).decode(errors="replace")
    if not path.is_file():
        return {"file": name, "outcome": "unreadable", "sentence": "There is no such file."}
    command = supervisor.manage("try_media", "--language", language)
    if keep:
        command += ["--keep", str(Path(keep).absolute())]
    environment = {key: value for key, value in os.environ.items() if key not in _INSTALLATION}
    environment |= {
        "DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "config.trial_settings", trial_run.INSIDE: "1",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"), "SECRET_KEY": "of one trial",
    }  # fmt: skip
    code, told = supervisor.answer_of([*command, "--", str(path)], environment)
    try:
        outcome: dict[str, Any] = json.loads(told.splitlines()[-1])
    except (IndexError, ValueError):
        return {"file": name, "outcome": "failed", "sentence": f"The trial ended with {code}."}
    return {**outcome, "file": name}


def _line(outcome: dict[str, Any]) -> str:
    return json.dumps(outcome, ensure_ascii=False)


def _row(outcome: dict[str, Any]) -> str:
    sizes = " ".join(
        f"{one['height'] or one['codec']}:{one['bytes'] // 1024}K" for one in outcome.get("renditions", [])
    )
    length = f"{outcome['duration']:.1f} s" if outcome.get("duration") else ""
    spent = f"{outcome.get('cpu_s', 0):.1f} CPU s, {outcome.get('rss_mb', 0)} MB"
    words = "  ".join(part for part in (length, sizes, outcome["sentence"]) if part)
    return f"{outcome['outcome']:<10} {Path(outcome['file']).name}  {words}  ({spent})"
