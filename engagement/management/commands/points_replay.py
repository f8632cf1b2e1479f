"""Recompute the points ledger from its events."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from engagement import ledger


class Command(BaseCommand):
    help = "Judge all point events again, in order, and post corrections where the ledger differs. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be posted")

    def handle(self, *args: Any, **options: Any) -> None:
        found = ledger.replay(now=timezone.now(), dry_run=options["dry_run"])
        verb = "would be posted" if options["dry_run"] else "posted"
        self.stdout.write(
            f"{found.events} events; {verb}: {found.missing} missing entries, {found.corrections} corrections."
        )
