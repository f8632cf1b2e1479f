"""`manage.py prepare_storage`: the bucket of an S3 storage, made and opened to this site's pages. Safe to repeat."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from media_pipeline import storage
from media_pipeline.storage import base, bucket


class Command(BaseCommand):
    help = "Make the bucket of STORAGE_URL if it is missing, and let this site's pages send parts to it (CORS)."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        engine = storage.remote_engine()
        if engine is None:
            self.stdout.write("Files lie on local disk; there is nothing to prepare.")
            return
        try:
            made = engine.bucket.make()
        except OSError as error:
            raise CommandError(f"The bucket of {engine.address} cannot be reached or made: {error}") from error
        self.stdout.write(f"{engine.address}: the bucket {'was made' if made else 'is there'}.")
        if engine.parts_origin == settings.SITE_URL:
            self.stdout.write("Parts go through this site's own address; no other needs to be let in.")
            return
        self._open(engine.bucket)

    def _open(self, place: bucket.Bucket) -> None:
        origins = [settings.SITE_URL]
        try:
            changed = place.allow(origins)
        except base.StorageDenied as error:
            rules = json.dumps({"CORSRules": [bucket.rule(origins)]}, indent=2)
            words = f"These keys may not say which pages send parts there ({error}). Its owner must set:\n{rules}"
            raise CommandError(words, returncode=3) from error
        self.stdout.write(f"Pages of {settings.SITE_URL} may send parts there{'' if changed else ' already'}.")
