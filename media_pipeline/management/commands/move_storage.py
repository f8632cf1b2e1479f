"""`manage.py move_storage --to URL`: an installation's files from the storage it has to another one, and back."""

from __future__ import annotations

import hashlib
import sys
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from jobs.models import Worker
from media_pipeline import admission, moving, storage
from media_pipeline.models import Upload
from media_pipeline.moving import Counts, Journal, Move
from media_pipeline.storage.s3_address import S3Address

FAILED, WRONG, AGAIN = 1, 2, 3  # exit codes besides 0
SEEN_WITHIN = timedelta(seconds=45)
_TOLD_EVERY = 10.0  # seconds, where nobody watches a line that changes


class Command(BaseCommand):
    help = (
        "Copy all files of lectures from STORAGE_URL to another storage, read each back and compare. Safe while the "
        "site runs, safe to break off and to repeat; the source is never changed. Keys are those of the settings. "
        "Ends with 0: all is there and compared; 1: something could not be copied; 2: it cannot begin; "
        "3: files came or changed meanwhile, run it again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", required=True, metavar="URL", help="file:///folder or s3://bucket/prefix?endpoint=…"
        )
        parser.add_argument("--anew", action="store_true", help="believe no earlier run: compare everything once more")

    def handle(self, *, to: str, anew: bool, **options: Any) -> None:
        move = _move(to)
        if not move.target.is_writable():
            hint = f"Prepare it first: STORAGE_URL='{to}' manage.py prepare_storage"
            raise CommandError(f"Nothing can be written to {to}. {hint}", returncode=WRONG)
        line = _Line(sys.stderr.isatty())
        try:
            counts = move.run(line.show, anew=anew)
        except OSError as error:
            raise CommandError(
                f"Broken off: {error}. Run it again, it goes on from here.", returncode=FAILED
            ) from error
        except KeyboardInterrupt:
            raise CommandError("Broken off. Run it again, it goes on from here.", returncode=130) from None
        line.end()
        self._tell(counts)
        self._end(counts, to)

    def _tell(self, counts: Counts) -> None:
        size = admission.spoken(counts.bytes)
        parts = [
            f"{counts.copied} copied and compared", f"{counts.compared} found there and compared",
            f"{counts.known} known from before", f"{counts.gone} removed meanwhile", f"{len(counts.failed)} failed",
        ]  # fmt: skip
        after = f"{counts.changed} came or changed since, {counts.extra} at the target only (left alone)"
        self.stdout.write(f"{counts.objects} objects, {size}: {', '.join(parts)}; {after}.")
        for key, why in list(counts.failed.items())[: moving.NAMED_AT_MOST]:
            self.stderr.write(f"✗ {key}: {why}")

    def _end(self, counts: Counts, to: str) -> None:
        if counts.failed:
            raise CommandError("Not all of it is there. Run it again; the source is unchanged.", returncode=FAILED)
        if counts.changed:
            raise CommandError("The site went on meanwhile. Run it again for what is new.", returncode=AGAIN)
        switch = (
            f"Set STORAGE_URL='{to}' and start the site. The old files stay where they are; remove them by hand, later."
        )
        if Worker.objects.filter(seen_at__gt=timezone.now() - SEEN_WITHIN).exists():
            self.stdout.write(
                "All of it is there. The site runs: stop it (web and workers), run this once more for what came last, "
                f"which takes moments, and then: {switch}"
            )
        else:
            self.stdout.write(f"All of it is there, and no worker runs. {switch}")
        if unfinished := Upload.objects.filter(state=Upload.State.OPEN).count():
            self.stdout.write(f"{unfinished} uploads on their way stay behind; their members' browsers send them anew.")


def _move(to: str) -> Move:
    try:
        source, target = storage.default(), storage.engine_for(to)
    except storage.BadStorageUrl as error:
        raise CommandError(str(error), returncode=WRONG) from error
    if _overlap(source, target):
        raise CommandError("The target is, or lies inside, the storage the site has now.", returncode=WRONG)
    places = hashlib.sha256(f"{_place(source)} → {_place(target)}".encode()).hexdigest()[:16]
    return Move(source, target, Journal(settings.DATA_DIR / "moving" / f"{places}.jsonl"))


def _place(engine: storage.Storage) -> str:
    if isinstance(engine, storage.LocalStorage):
        return f"{engine.root.resolve()}/"
    address: S3Address = vars(engine)["address"]
    return f"{address.endpoint or address.region}/{address.bucket}/{address.prefix}"


def _overlap(source: storage.Storage, target: storage.Storage) -> bool:
    ours, theirs = _place(source), _place(target)
    return ours.startswith(theirs) or theirs.startswith(ours)


class _Line:
    """How far it is: one line that changes on a terminal, a line every ten seconds elsewhere."""

    def __init__(self, is_terminal: bool) -> None:
        self._is_terminal, self._begun, self._told = is_terminal, time.monotonic(), time.monotonic()
        self._before: int | None = None

    def show(self, counts: Counts) -> None:
        if self._before is None:
            self._before = counts.done_bytes  # known from before: says nothing of the pace
        now = time.monotonic()
        if not self._is_terminal and now - self._told < _TOLD_EVERY:
            return
        self._told = now
        before, after = ("\r", "") if self._is_terminal else ("", "\n")
        sys.stderr.write(f"{before}{self._words(counts, now)}{after}")
        sys.stderr.flush()

    def _words(self, counts: Counts, now: float) -> str:
        pace = (counts.done_bytes - (self._before or 0)) / max(now - self._begun, 0.001)
        left = f", about {(counts.bytes - counts.done_bytes) / pace / 60:.0f} min left" if pace > 0 else ""
        sizes = f"{admission.spoken(counts.done_bytes)} of {admission.spoken(counts.bytes)}"
        return f"{counts.done} of {counts.objects} objects, {sizes}, {admission.spoken(int(pace))}/s{left}   "

    def end(self) -> None:
        if self._is_terminal:
            sys.stderr.write("\n")
