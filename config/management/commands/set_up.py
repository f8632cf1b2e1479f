"""`manage.py set_up [--static]`: what a data folder needs before it can serve. Called by script/setup."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import translations


class Command(BaseCommand):
    help = "Compile translations, collect static files (with --static) and migrate; each only when something changed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--static", action="store_true")

    def handle(self, *, static: bool, **options: Any) -> None:
        for folder in ("queue", "queue-control", "media", "scratch"):
            (settings.DATA_DIR / folder).mkdir(parents=True, exist_ok=True)
        translations.compile_all()
        if static:
            collect_static()
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stderr.write("· tables")
            call_command("migrate", verbosity=0, interactive=False)
        if settings.STORAGE_URL.startswith("s3:"):
            call_command("prepare_storage", stdout=self.stderr)


def collect_static() -> None:
    """Collect and hash static files unless nothing changed since the last time."""
    mark = settings.DATA_DIR / "static.mark"
    now = _fingerprint([settings.BASE_DIR / "ui" / "static", *map(Path, settings.STATICFILES_DIRS)])
    if mark.exists() and mark.read_text() == now:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    mark.write_text(now)


def _fingerprint(folders: list[Path]) -> str:
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    packages = (settings.BASE_DIR / "requirements" / "base.txt").read_bytes()
    return hashlib.sha256(packages + b"".join(path.read_bytes() for path in files)).hexdigest()
