"""Reads settings from the environment, typed; refuses values it does not understand."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class BadSetting(ValueError):
    """A setting in the environment has a value nobody can mean."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(f"{name}={value!r}: wanted {wanted}.")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "")
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    if value == "":
        return default
    raise BadSetting(name, value, "1 or 0")


def number(name: str, default: int, *, least: int = 0) -> int:
    value = os.environ.get(name, "")
    if value == "":
        return default
    if not value.isdigit() or int(value) < least:
        raise BadSetting(name, value, f"a whole number of {least} or more")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def secret(name: str) -> str:
    """The secret `name`, or the contents of the file that `name`_FILE points at; empty if neither is set."""
    path = os.environ.get(f"{name}_FILE", "")
    if path:
        return Path(path).read_text().strip()
    return os.environ.get(name, "")


def local_secret(path: Path) -> str:
    """A secret made once for this data folder, readable by its owner only. For one machine; a cluster sets its own."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)  # whoever links first wins; the others read the winner's
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def database(url: str, *, data: Path) -> dict[str, Any]:
    """Django's settings for `url`: `sqlite:///path` (empty url: in the data folder) or `postgresql://…`."""
    parts = urlsplit(url or f"sqlite:///{data / 'db.sqlite3'}")
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path[1:] if parts.path.startswith("//") else parts.path,
            "OPTIONS": {
                # IMMEDIATE: a transaction that will write takes the lock at its start and waits for it,
                # instead of failing half-way with "database is locked".
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        # Lists join six tables to a lecture, each by its key. In the order written they are found as fast, and planned
        # in a third of the time (3.1 ms of 3.5 ms went to trying all orders): docs/decisions/0014.
        # Statements that are kept (ui.prepared) have one plan for all values, from the first time on: decision 0020.
        # Pages are in memory or on flash: at the cost of a turning disk, search would read whole tables.
        planning = {"join_collapse_limit": 1, "plan_cache_mode": "force_generic_plan", "random_page_cost": 1.1}
        session = " ".join(f"-c {name}={value}" for name, value in planning.items())
        options: dict[str, Any] = {"options": session, "prepare_threshold": 0, **dict(parse_qsl(parts.query))}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or "") or secret("DATABASE_PASSWORD"),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            # Page threads, beats and streams of one process; psycopg's own four would make them wait for each other.
            "OPTIONS": {**options, "pool": {"min_size": 1, "max_size": 12, "timeout": 20}},
        }
    raise BadSetting("DATABASE_URL", parts.scheme + "://…", "sqlite:///path or postgresql://user@host/name")
