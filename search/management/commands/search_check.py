"""Compares the index with the rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from search import consistency, outbox


class Command(BaseCommand):
    help = "Compare the search index with the database. Fails if they differ; with --repair, makes them agree."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="index again what differs")

    def handle(self, *args: Any, repair: bool, **options: Any) -> None:
        found = consistency.compare()
        counts = f"{len(found.missing)} missing, {len(found.stale)} stale, {len(found.orphaned)} orphaned"
        if found.all and not repair:
            raise CommandError(f"{counts}. Run search_check --repair.")
        self.stdout.write(counts)
        outbox.note(found.all)
        while outbox.drain(timezone.now()):
            pass
