"""Run the published rule of featured lectures now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from engagement import featured


class Command(BaseCommand):
    help = "Find new candidates for featured lectures and refresh the evidence of those that wait for an editor."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        found = featured.run(now)
        self.stdout.write(f"{found} new candidates; {featured.candidates(now).count()} wait for an editor.")
