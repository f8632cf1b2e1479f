"""`manage.py serve`: the whole site on one machine, supervised. Called by script/server."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from config import demo, supervisor


class Command(BaseCommand):
    help = "Run web, workers and schedule together until Ctrl-C; make demo content unless told not to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-demo", action="store_true")

    def handle(self, *, port: int, no_demo: bool, **options: Any) -> None:
        children = supervisor.site(port=port)
        if not no_demo:
            call_command("demo", accounts_only=True)
            children.append(supervisor.Child("demo", supervisor.manage("demo"), once=True))
        supervisor.Supervisor(children, announce=self._announce(port, with_demo=not no_demo)).run()

    def _announce(self, port: int, *, with_demo: bool) -> str:
        lines = [f"\n  共享党课  http://127.0.0.1:{port}/\n"]
        if with_demo:
            lines += [f"  {line}" for line in demo.accounts_table()]
        return "\n".join([*lines, "\n  Ctrl-C stops it.\n"])
