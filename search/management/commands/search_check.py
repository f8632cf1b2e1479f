"""Compares the indices with the rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from search import consistency, engines, outbox
from search.engines.base import SearchError


class Command(BaseCommand):
    help = "Compare the search indices with the database. Fails if they differ; with --repair, makes them agree."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="index again what differs")

    def handle(self, *args: Any, repair: bool, **options: Any) -> None:
        differed = []
        for engine in engines.fed():
            try:
                found = consistency.compare(engine)
            except SearchError as error:
                raise CommandError(f"{engine.name} does not answer: {error}") from error
            counts = f"{len(found.missing)} missing, {len(found.stale)} stale, {len(found.orphaned)} orphaned"
            self.stdout.write(f"{engine.name}: {counts}")
            if found.all:
                differed.append(f"{engine.name} ({counts})")
                if repair:
                    outbox.note(found.all, only=engine.name)
        if differed and not repair:
            raise CommandError(f"Not as the rows say: {', '.join(differed)}. Run search_check --repair.")
        outbox.drain_all(timezone.now())
