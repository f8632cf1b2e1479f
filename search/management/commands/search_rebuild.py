"""Empties the index and fills it from the rows. Search finds less until it is done."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from search import engines, outbox


class Command(BaseCommand):
    help = "Empty the search index and fill it from the database. Safe to stop: the worker goes on with what is left."

    def handle(self, *args: Any, **options: Any) -> None:
        engines.default().reset()
        left = outbox.note_all()
        self.stdout.write(f"{left} lectures to index")
        done = 0
        while step := outbox.drain(timezone.now()):
            done += step
            self.stdout.write(f"{done} done")
        self.stdout.write(f"{engines.default().count()} documents in the index")
