"""Uploads begun and parts sent, without HTTP between."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from media_pipeline import storage, uploads
from media_pipeline.models import Upload
from tests import cast
from ui.sentences import Refused

NOW = timezone.now()
BODY = os.urandom(2500)  # three parts of 1024, the last one short


def begun(member: Any = None, size: int = len(BODY), now: datetime = NOW, **facts: Any) -> Upload:
    return uploads.create(member or cast.member(), **{"name": "班前五分钟.mp4", **facts}, size=size, now=now)


def send(upload: Upload, *numbers: int, content: bytes = BODY) -> None:
    engine = storage.local_engine()
    assert engine is not None
    for number in numbers or range(1, upload.part_count + 1):
        part = content[(number - 1) * 1024 : number * 1024]
        with engine.part_writer(upload.storage_id, number, len(part)) as writer:
            writer.write(part)
            writer.finish()


def refused(error: pytest.ExceptionInfo[Refused]) -> tuple[int, str]:
    return error.value.status, error.value.code
