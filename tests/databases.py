"""Test databases copied from a migrated template, because migrating takes many seconds and copying none.

The ledger's triggers refuse DELETE, so a test that commits is never flushed: the template is copied back.
"""

from __future__ import annotations

import fcntl
import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def _migrations_hash() -> str:
    names = sorted(ROOT.glob("*/migrations/*.py"))
    requirements = ROOT / "requirements" / "base.txt"
    return hashlib.sha256(b"".join(path.read_bytes() for path in [*names, requirements])).hexdigest()[:16]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _use(name: str) -> None:
    connection.close()
    if pool := getattr(connection, "_connection_pools", {}).get(connection.alias):
        pool.close()
        connection._connection_pools.pop(connection.alias)  # type: ignore[attr-defined]
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


class SqliteCopies:
    def __init__(self) -> None:
        self.template = settings.DATA_DIR / f"template-{_migrations_hash()}.sqlite3"
        self.file = settings.DATA_DIR / "test.sqlite3"

    def set_up(self) -> None:
        with _locked(self.template.with_suffix(".lock")):
            if not self.template.exists():
                draft = self.template.with_suffix(".draft")
                draft.unlink(missing_ok=True)
                _use(str(draft))
                call_command("migrate", verbosity=0)
                connection.cursor().execute("PRAGMA journal_mode=DELETE")
                connection.close()
                draft.rename(self.template)
        for left in self.file.parent.glob(f"{self.file.name}*"):
            left.unlink()
        self.use()
        self.restore()

    def use(self) -> None:
        """As it was left."""
        _use(str(self.file))

    def restore(self) -> None:
        connection.close()
        with closing(sqlite3.connect(self.template)) as template, closing(sqlite3.connect(self.file)) as copy:
            template.backup(copy)

    def tear_down(self) -> None:
        connection.close()


class PostgresCopies:
    def __init__(self) -> None:
        self.base = settings.DATABASES["default"]["NAME"]
        self.template = f"template_{_migrations_hash()}"
        self.name = "test_shared_lectures"

    def _admin(self, *statements: str) -> list[Any]:
        import psycopg

        options = connection.settings_dict
        found: list[Any] = []
        with psycopg.connect(
            host=options["HOST"],
            port=options["PORT"],
            user=options["USER"],
            password=options["PASSWORD"],
            dbname="postgres",
            autocommit=True,
        ) as admin:
            for statement in statements:
                cursor = admin.execute(statement)  # type: ignore[arg-type]
                found = cursor.fetchall() if cursor.description else []
        return found

    def set_up(self) -> None:
        with _locked(settings.DATA_DIR / f"{self.template}.lock"):
            if not self._admin(f"SELECT 1 FROM pg_database WHERE datname = '{self.template}'"):
                self._admin(f"CREATE DATABASE {self.template}_draft")
                _use(f"{self.template}_draft")
                call_command("migrate", verbosity=0)
                _use("postgres")
                self._admin(f"ALTER DATABASE {self.template}_draft RENAME TO {self.template}")
        self.restore()

    def restore(self) -> None:
        _use("postgres")
        self._admin(
            f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", f"CREATE DATABASE {self.name} TEMPLATE {self.template}"
        )
        _use(self.name)

    def tear_down(self) -> None:
        _use("postgres")


def copies() -> SqliteCopies | PostgresCopies:
    return SqliteCopies() if connection.vendor == "sqlite" else PostgresCopies()
