"""Settings of storage that cannot work, with what to do: at each start, or by `check --deploy` if it must be asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from media_pipeline import storage

if TYPE_CHECKING:
    from media_pipeline.storage.s3 import S3Storage

_EXAMPLES = (
    "For example STORAGE_URL=file:///srv/media or s3://lectures?endpoint=https://s3.example.org&region=us-east-1"
)
_PREPARE = "Run manage.py prepare_storage; where the keys may not do that, it prints what the bucket's owner must set."


@register
def check_storage(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Asks no service: a site must be able to start, and to be repaired, while its storage is away."""
    try:
        engine = storage.engine_for(settings.STORAGE_URL)
    except storage.BadStorageUrl as error:
        return [Error(str(error), hint=_EXAMPLES, id="media.E001")]
    if isinstance(engine, storage.LocalStorage):
        return list(_folder(engine))
    return list(_keys_and_addresses(engine))


@register(deploy=True)
def check_storage_service(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    try:
        engine = storage.remote_engine()
        return list(_service(engine)) if engine else []
    except storage.BadStorageUrl:
        return []  # said above
    except OSError as error:
        hint = "Is endpoint= right, do the keys hold, is the clock of this machine right?"
        return [Error(f"The storage does not let us ask: {error}", hint=hint, id="media.E005")]


def _folder(engine: storage.LocalStorage) -> Iterator[CheckMessage]:
    if not engine.is_writable():
        hint = "Make the folder, and give it to the user who runs the site."
        yield Error(f"Nothing can be written to STORAGE_URL={settings.STORAGE_URL!r}.", hint=hint, id="media.E002")


def _keys_and_addresses(engine: storage.Storage) -> Iterator[CheckMessage]:
    if bool(settings.STORAGE_ACCESS_KEY) != bool(settings.STORAGE_SECRET_KEY):
        words = "Only one of STORAGE_ACCESS_KEY and STORAGE_SECRET_KEY is set."
        hint = "Set both (or STORAGE_ACCESS_KEY_FILE and STORAGE_SECRET_KEY_FILE), or neither for a machine's own role."
        yield Error(words, hint=hint, id="media.E003")
    elif settings.HTTPS and engine.parts_origin.startswith("http:"):
        words = f"The site is https, but browsers would send parts to {engine.parts_origin}, which they refuse."
        yield Error(words, hint="Give the service an https address in STORAGE_URL: public=https://…", id="media.E004")


def _service(engine: S3Storage) -> Iterator[CheckMessage]:
    if not engine.bucket.is_there():
        yield Error(f"There is no bucket {engine.address.bucket!r}.", hint=_PREPARE, id="media.E006")
    elif not engine.is_writable():
        hint = "The keys need to put, get, list and delete objects in this bucket."
        yield Error(f"Nothing can be written to {engine.address}.", hint=hint, id="media.E002")
    elif engine.parts_origin != settings.SITE_URL and not engine.bucket.allows(settings.SITE_URL):
        words = (
            f"The bucket does not let pages of {settings.SITE_URL} send parts to it (CORS), so no upload would arrive."
        )
        yield Error(words, hint=_PREPARE, id="media.E007")
