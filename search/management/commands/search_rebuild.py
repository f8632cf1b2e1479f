"""Fills indices anew from the rows, beside those in use."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from search import engines, outbox, rebuild
from search.engines.base import SearchEngine, SearchError
from search.models import IndexBuild


class Command(BaseCommand):
    help = (
        "Make the search indices anew from the database, while search goes on with the old ones and changes go into"
        " both. Safe to stop: run it again, and it goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--engine", choices=[one.name for one in engines.fed()], help="only this one")
        parser.add_argument("--give-up", action="store_true", help="throw away what was begun")

    def handle(self, *args: Any, engine: str | None, give_up: bool, **options: Any) -> None:
        act = self._give_up if give_up else self._rebuild
        for one in engines.fed():
            if engine in {None, one.name}:
                try:
                    act(one)
                except SearchError as error:
                    raise CommandError(f"{one.name} does not answer: {error}. Run this again to go on.") from error
        outbox.drain_all(timezone.now())

    def _rebuild(self, engine: SearchEngine) -> None:
        engine.ensure()
        rebuild.run(engine, say=self.stdout.write)

    def _give_up(self, engine: SearchEngine) -> None:
        for build in IndexBuild.objects.filter(engine=engine.name, ended_at__isnull=True):
            rebuild.give_up(build, engine, now=timezone.now())
            self.stdout.write(f"{engine.name}: {build.copied} copied lectures thrown away")
