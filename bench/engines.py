"""Engines of a grown-up installation for one run of a benchmark: a database and a place for files of its own, on the
servers that the tests use (`script/services`), gone afterwards."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit


def environment() -> dict[str, str]:
    """What a site is told: PostgreSQL and S3, at the addresses that the tests are told."""
    try:
        rows, files = os.environ["TEST_POSTGRES_URL"], os.environ["TEST_S3_ENDPOINT"]
    except KeyError as error:
        raise SystemExit(f"{error.args[0]} is not set: script/services run -- script/bench … sets it.") from error
    name = f"bench_{secrets.token_hex(4)}"
    return {
        "DATABASE_URL": urlunsplit(urlsplit(rows)._replace(path=f"/{name}")),
        "STORAGE_URL": f"s3://lectures-test/{name}?endpoint={files}&region=us-east-1",
        "STORAGE_ACCESS_KEY": "lectures", "STORAGE_SECRET_KEY": "lectures-secret",
    }  # fmt: skip


@contextmanager
def standing(told: dict[str, str]) -> Iterator[None]:
    """While inside, they are there. Wants Django set up with what `environment` told."""
    import psycopg

    from media_pipeline import storage

    url = urlsplit(told["DATABASE_URL"])
    admin, name = urlunsplit(url._replace(path="/postgres")), url.path.removeprefix("/")
    with psycopg.connect(admin, autocommit=True) as rows:
        rows.execute(f'CREATE DATABASE "{name}"')
    engine = storage.remote_engine()
    assert engine is not None
    engine.bucket.make()
    try:
        yield
    finally:
        for folder in {key.partition("/")[0] for key, _, _ in engine.stamps()}:
            engine.delete_prefix(folder)
        for left in engine.list_multiparts():
            engine.abort_multipart(left.storage_id, left.key)
        with psycopg.connect(admin, autocommit=True) as rows:
            rows.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
