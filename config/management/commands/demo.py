"""`manage.py demo [--accounts-only]`"""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from config.demo import film, people, story
from config.demo.scripts import SCRIPTS
from courses.models import Lecture
from engagement.models import Viewing
from media_pipeline.models import Asset

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
        waiting = story.hand_in(self._say)
        story.announce(timezone.now())
        done = 0
        while waiting:
            time.sleep(0.5)
            for script, asset in list(waiting):
                asset.refresh_from_db()
                if asset.state not in ENDED:
                    continue
                waiting.remove((script, asset))
                done += 1
                if asset.state != Asset.State.READY:
                    self._say(f"{script.title}: {asset.state} ({asset.refusal})")
                    continue
                lecture = story.publish(script, asset, timezone.now())
                if not Viewing.objects.filter(lecture=lecture).exists():
                    story.watch_and_share(lecture, script, timezone.now())
                self._say(f"{script.title}: published ({done} of {len(SCRIPTS)})")
        story.arrange()
        story.leave_half_way(timezone.now())
        story.plan_session(timezone.now())
        story.decide(timezone.now())
        self._say("demo content is complete")

    def _say(self, words: str) -> None:
        self.stdout.write(f"· {words}")
        self.stdout.flush()
