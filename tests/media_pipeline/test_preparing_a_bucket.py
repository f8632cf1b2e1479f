"""A bucket made and opened to the site's pages, and what is said where it is not."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage
from django.core.management import CommandError, call_command

from config import csp
from media_pipeline import storage
from media_pipeline.checks import check_storage, check_storage_service
from media_pipeline.storage import base
from media_pipeline.storage.bucket import Bucket
from media_pipeline.storage.s3 import S3Storage
from tests.media_pipeline import s3_server
from tests.media_pipeline.test_s3_storage import send

SITE = "https://lectures.example"


@pytest.fixture
def engine(tmp_path: Path, settings: Any) -> Iterator[S3Storage]:
    """On a bucket that is not there yet."""
    s3_server.needed()
    name = f"lectures-{secrets.token_hex(6)}"
    settings.STORAGE_ACCESS_KEY, settings.STORAGE_SECRET_KEY = s3_server.KEYS.access, s3_server.KEYS.secret
    settings.STORAGE_URL = f"s3://{name}?endpoint={s3_server.ENDPOINT}"
    settings.SITE_URL, settings.SCRATCH_DIR = SITE, tmp_path
    engine = storage.remote_engine()
    assert engine
    yield engine
    if engine.bucket.is_there():
        engine._clients.quick.delete_bucket(Bucket=name)


def prepare() -> str:
    said = StringIO()
    call_command("prepare_storage", stdout=said)
    return said.getvalue()


def found(messages: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in messages]


def preflight(engine: S3Storage, origin: str) -> tuple[int, str]:
    address = engine.read_link("sources/up") or ""
    asks = {"origin": origin, "access-control-request-method": "PUT", "access-control-request-headers": "content-md5"}
    status, headers, _ = send("OPTIONS", address, **asks)
    return status, headers.get("access-control-allow-origin", "")


def test_a_bucket_is_made_and_opened_to_our_pages_only(engine: S3Storage) -> None:
    assert found(check_storage_service(None)) == ["media.E006"]

    first, again = prepare(), prepare()

    assert "was made" in first
    assert "is there" in again
    assert "already" in again
    assert preflight(engine, SITE) == (200, SITE)
    assert preflight(engine, "https://elsewhere.example")[0] == 403
    assert check_storage_service(None) == []


def test_rules_of_others_stay(engine: S3Storage) -> None:
    prepare()
    theirs = {"ID": "theirs", "AllowedOrigins": ["https://theirs.example"], "AllowedMethods": ["GET"]}
    rules = [theirs, *engine.bucket._rules()]
    named = {"Bucket": engine.address.bucket}
    engine._clients.quick.put_bucket_cors(**named, CORSConfiguration={"CORSRules": rules})

    engine.bucket.allow(["https://new.example"])

    assert preflight(engine, "https://new.example") == (200, "https://new.example")
    assert engine.bucket.allows("https://new.example")
    assert not engine.bucket.allows(SITE)
    assert not engine.bucket.allows("https://theirs.example")  # it may read, not send
    assert "theirs" in [rule.get("ID") for rule in engine.bucket._rules()]


def test_a_bucket_that_lets_no_page_in_is_named(engine: S3Storage) -> None:
    engine.bucket.make()

    assert found(check_storage_service(None)) == ["media.E007"]


def test_a_bucket_behind_the_sites_own_address_needs_no_opening(engine: S3Storage, settings: Any) -> None:
    settings.STORAGE_URL += f"&public={SITE}"

    assert "own address" in prepare()
    assert check_storage_service(None) == []
    assert SITE not in csp.policy()


def test_pages_may_reach_the_service_and_nothing_else(engine: S3Storage) -> None:
    assert f"connect-src 'self' {s3_server.ENDPOINT};" in csp.policy() + ";"
    assert f"connect-src 'self' {s3_server.ENDPOINT};" in csp.policy(admin=True) + ";"


def test_keys_that_may_not_open_it_are_told_what_its_owner_must_set(
    engine: S3Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*args: Any) -> None:
        raise base.StorageDenied("AccessDenied")

    monkeypatch.setattr(Bucket, "_rules", denied)

    with pytest.raises(CommandError) as error:
        prepare()

    assert error.value.returncode == 3
    assert f'"{SITE}"' in str(error.value)


def test_a_service_that_does_not_let_us_ask_is_named(engine: S3Storage, settings: Any) -> None:
    settings.STORAGE_SECRET_KEY = "wrong"
    storage.engine_for.cache_clear()

    assert found(check_storage_service(None)) == ["media.E005"]
    with pytest.raises(CommandError, match="cannot be reached or made"):
        prepare()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"STORAGE_SECRET_KEY": ""}, ["media.E003"]),
        ({"STORAGE_ACCESS_KEY": ""}, ["media.E003"]),
        ({"STORAGE_ACCESS_KEY": "", "STORAGE_SECRET_KEY": ""}, []),
        ({"HTTPS": True}, ["media.E004"]),
        ({"HTTPS": True, "STORAGE_URL": "s3://bucket?endpoint=http://s3&public=https://s3.example"}, []),
        ({"STORAGE_URL": "s3://bucket?endpiont=http://s3"}, ["media.E001"]),
    ],
)
def test_settings_that_cannot_work_are_named_without_asking_the_service(
    settings: Any, change: dict[str, Any], says: list[str]
) -> None:
    settings.STORAGE_URL = "s3://bucket?endpoint=http://127.0.0.1:9"
    settings.STORAGE_ACCESS_KEY = settings.STORAGE_SECRET_KEY = "x"
    settings.HTTPS = False
    for name, value in change.items():
        setattr(settings, name, value)

    assert found(check_storage(None)) == says


def test_local_disk_needs_no_preparing(settings: Any, tmp_path: Path) -> None:
    settings.STORAGE_URL = f"file://{tmp_path}"

    assert "nothing to prepare" in prepare()
    assert check_storage_service(None) == []
    assert "connect-src 'self';" in csp.policy()
