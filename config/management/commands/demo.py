"""`manage.py demo [--accounts-only]`"""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from config.demo import film, people, story
from config.demo.scripts import SCRIPTS, Script
from courses.models import Lecture
from engagement.models import Viewing
from media_pipeline import asset_progress
from media_pipeline.models import Asset

TELL_EVERY = 5.0  # seconds between two lines about what is still being prepared
ENDED = {Asset.State.READY, Asset.State.REFUSED, Asset.State.FAILED}


class Command(BaseCommand):
    help = "Make demo content: members, eight lectures, sixty days of viewings. Picks up where it was stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts-only", action="store_true", help="members and topics only; no lectures yet")

    def handle(self, *, accounts_only: bool, **options: Any) -> None:
        with transaction.atomic():
            people.ensure()
        story.prepare(timezone.now())
        if accounts_only or Lecture.objects.filter(title=SCRIPTS[-1].title, viewings__isnull=False).exists():
            return
        try:
            film.font_file()
        except film.NoFont as error:
            raise CommandError(str(error)) from error
        story.announce(timezone.now())
        self._lectures()
        story.arrange()
        story.leave_half_way(timezone.now())
        story.plan_session(timezone.now())
        story.decide(timezone.now())
        self._say("demo content is complete")

    def _lectures(self) -> None:
        """Hand in all; publish each as soon as it is ready, also while the next is being filmed."""
        waiting: list[tuple[Script, Asset]] = []
        for script, asset in story.hand_in(self._say):
            waiting.append((script, asset))
            self._publish_ready(waiting)
        told = time.monotonic()
        while waiting:
            time.sleep(0.5)
            self._publish_ready(waiting)
            if waiting and time.monotonic() - told >= TELL_EVERY:
                told = time.monotonic()
                self._tell_progress(waiting)

    def _publish_ready(self, waiting: list[tuple[Script, Asset]]) -> None:
        for script, asset in list(waiting):
            asset.refresh_from_db()
            if asset.state not in ENDED:
                continue
            waiting.remove((script, asset))
            if asset.state != Asset.State.READY:
                self._say(f"{script.title}: {asset.state} ({asset.refusal})")
                continue
            lecture = story.publish(script, asset, timezone.now())
            if not Viewing.objects.filter(lecture=lecture).exists():
                story.watch_and_share(lecture, script, timezone.now())
            self._say(f"{script.title}: published")

    def _tell_progress(self, waiting: list[tuple[Script, Asset]]) -> None:
        going = asset_progress.under_way([asset for _script, asset in waiting], now=timezone.now())
        parts = [f"{script.title} {going[asset.pk].progress // 10}%" for script, asset in waiting if asset.pk in going]
        if parts:
            self._say("being prepared: " + ", ".join(parts))

    def _say(self, words: str) -> None:
        self.stdout.write(f"· {words}")
        self.stdout.flush()
