"""The inner half of `manage.py try_media`: one file, in a process and an installation that pass."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.utils.translation import override

from config import translations
from jobs.models import Job
from media_pipeline import trial

Tell = Callable[[str], None]

INSIDE = "SHARED_LECTURES_TRIAL"  # in the environment: we are the inner half


def report(path: Path, language: str, *, keep: Path | None, tell: Tell) -> str:
    """What came of the file, as JSON. `tell` is told on the way, once a second."""
    translations.compile_all()
    member = _member()
    with override(language), _told_on_the_way(path.name, tell):
        outcome = trial.try_file(path, member, keep=keep)
    return json.dumps(asdict(outcome), ensure_ascii=False)


def _member() -> Any:
    """Who uploads; tables are made by the first file."""
    users: Any = get_user_model()  # not the members of the site: see trial_settings
    if not connection.introspection.table_names():
        call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
        users.objects.create(username="trial")
    return users.objects.get()


@contextmanager
def _told_on_the_way(name: str, tell: Tell) -> Iterator[None]:
    """What is being done, and how far."""
    ended = threading.Event()

    def follow() -> None:
        last = ""
        while not ended.wait(1.0):
            job = Job.objects.order_by("-pk").values("kind", "stage", "progress").first()
            words = f"· {name}: {job['stage'] or job['kind']} {job['progress'] / 10:.0f} %" if job else last
            if words != last:
                tell(words)
            last = words
        connection.close()

    teller = threading.Thread(target=follow, daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()
