"""`manage.py serve`: the whole site on one machine, supervised. Called by script/server."""

from __future__ import annotations

import fcntl
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import demo, supervisor


class Command(BaseCommand):
    help = "Run web, workers and schedule together until Ctrl-C; make demo content unless told not to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-demo", action="store_true")

    def handle(self, *, port: int, no_demo: bool, **options: Any) -> None:
        with (settings.DATA_DIR / "serve.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                words = f"A server already runs on {settings.DATA_DIR}. Stop it, or give this one a folder: --data DIR."
                raise CommandError(words) from error
            self._serve(port, no_demo=no_demo)

    def _serve(self, port: int, *, no_demo: bool) -> None:
        children = supervisor.site(port=port)
        if not no_demo:
            call_command("demo", accounts_only=True)
            children.append(supervisor.demo())
        supervisor.Supervisor(children, announce=self._announce(port, with_demo=not no_demo)).run()

    def _announce(self, port: int, *, with_demo: bool) -> str:
        lines = [f"\n  共享党课  http://127.0.0.1:{port}/\n"]
        if with_demo:
            lines += [f"  {line}" for line in demo.accounts_table()]
        return "\n".join([*lines, "\n  Ctrl-C stops it.\n"])
