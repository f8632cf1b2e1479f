"""Test databases copied from a migrated template, because migrating takes many seconds and copying none.

The ledger's triggers refuse DELETE, so a test that commits is never flushed: what the template has is put back.
"""

from __future__ import annotations

import fcntl
import gc
import hashlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
KEPT_ROWS = Path(__file__).with_name("kept_rows.sql")


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


def _migrate() -> None:
    """Two hundred migrations draw thousands of models, each a knot the collector looks through again and again."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, *usual[1:])
    call_command("migrate", verbosity=0)
    gc.set_threshold(*usual)
    gc.unfreeze()


def _use(name: str) -> None:
    connection.close()
    if pool := getattr(connection, "_connection_pools", {}).get(connection.alias):
        pool.close()
        connection._connection_pools.pop(connection.alias)  # type: ignore[attr-defined]
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


def _copy(rows: Path, to: Path) -> None:
    with closing(sqlite3.connect(rows)) as source, closing(sqlite3.connect(to)) as target:
        target.execute("PRAGMA synchronous=OFF")  # it lives as long as this run
        source.backup(target)


class SqliteCopies:
    def __init__(self) -> None:
        self.template = settings.KEPT_DIR / f"template-{_migrations_hash()}.sqlite3"
        self.file = settings.DATA_DIR / "test.sqlite3"

    def make_template(self) -> None:
        with _locked(self.template.with_suffix(".lock")):
            if not self.template.exists():
                draft = self.template.with_suffix(".draft")
                draft.unlink(missing_ok=True)
                _use(str(draft))
                _migrate()
                connection.cursor().execute("PRAGMA journal_mode=DELETE")
                connection.close()
                draft.rename(self.template)

    def set_up(self) -> None:
        self.make_template()
        for left in self.file.parent.glob(f"{self.file.name}*"):
            left.unlink()
        self.use()
        self.restore()

    def use(self) -> None:
        """As it was left."""
        _use(str(self.file))

    def restore(self, rows: Path | None = None) -> None:
        """As the template has them, or as `rows` that were saved."""
        connection.close()
        _copy(rows or self.template, self.file)

    def save(self, rows: Path) -> None:
        _copy(self.file, rows)

    def tear_down(self) -> None:
        connection.close()


class PostgresCopies:
    def __init__(self) -> None:
        self.base = settings.DATABASES["default"]["NAME"]
        self.template = f"template_{_migrations_hash()}"
        self.name = "test_shared_lectures"

    def _ask(self, database: str, *statements: str) -> Any:
        """Outside Django's own connections. Answers the first value the last statement finds, if any."""
        import psycopg

        options = connection.settings_dict
        with psycopg.connect(
            host=options["HOST"], port=options["PORT"], user=options["USER"], password=options["PASSWORD"],
            dbname=database, autocommit=True,
        ) as asked:  # fmt: skip
            for statement in statements:
                cursor = asked.execute(statement)  # type: ignore[arg-type]
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def set_up(self) -> None:
        with _locked(settings.KEPT_DIR / f"{self.template}.lock"):
            if not self._ask("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{self.template}'"):
                self._ask("postgres", f"CREATE DATABASE {self.template}_draft")
                _use(f"{self.template}_draft")
                self._fill()
                _use("postgres")
                self._ask("postgres", f"ALTER DATABASE {self.template}_draft RENAME TO {self.template}")
        self._copy()

    def _fill(self) -> None:
        """Every checkout has a server of its own. What one has migrated, another reads: in a second, not in twenty."""
        kept, reader, writer = settings.KEPT_DIR / f"{self.template}.sql", shutil.which("psql"), shutil.which("pg_dump")
        options = connection.settings_dict
        where = ["--host", options["HOST"], "--port", str(options["PORT"]), "--username", options["USER"]]
        where += ["--dbname", options["NAME"], "--no-password"]
        environ = os.environ | {"PGPASSWORD": options["PASSWORD"]}
        if reader and kept.exists():
            words = ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--single-transaction", "--file", str(kept)]
            subprocess.run([reader, *where, *words], env=environ, stdout=subprocess.DEVNULL, check=True)
            return
        _migrate()
        draft = kept.with_suffix(".draft")
        words = [*where, "--no-owner", "--file", str(draft)]
        if writer and subprocess.run([writer, *words], env=environ, check=False).returncode == 0:
            draft.rename(kept)

    def _copy(self) -> None:
        _use("postgres")
        copy = f"CREATE DATABASE {self.name} TEMPLATE {self.template}"
        self._ask("postgres", f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", copy)
        self._ask(self.name, KEPT_ROWS.read_text())
        _use(self.name)

    def restore(self) -> None:
        _use("postgres")
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        if not self._ask(self.name, f"SELECT pg_terminate_backend(pid, 5000) {others}", "SELECT kept.restore()"):
            self._copy()
        _use(self.name)

    def tear_down(self) -> None:
        _use("postgres")


def copies() -> SqliteCopies | PostgresCopies:
    return SqliteCopies() if connection.vendor == "sqlite" else PostgresCopies()
