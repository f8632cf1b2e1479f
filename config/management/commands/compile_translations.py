"""`manage.py compile_translations [--missing]`"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import translations


class Command(BaseCommand):
    help = "Compile the apps' catalogues into one; with --missing, list what has no Chinese yet and fail."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--missing", action="store_true")

    def handle(self, *, missing: bool, **options: Any) -> None:
        self.stdout.write(str(translations.compile_all()))
        if missing and (found := translations.missing()):
            for msgid, where in found:
                self.stdout.write(f"{where}: {msgid}")
            raise CommandError(f"{len(found)} strings have no Chinese.")
