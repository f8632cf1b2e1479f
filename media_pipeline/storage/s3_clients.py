"""boto3's clients of one S3 address, made when first needed: importing boto3 takes a third of a second."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from media_pipeline.storage.s3_address import S3Address

CONNECT_SECONDS = 4
QUICK_SECONDS = 20  # somebody waits for the answer
PATIENT_SECONDS = 300  # joining the parts of a large file is a copy on some services
TRIES = 3
_making = threading.Lock()  # boto3's sessions are not safe to build in two threads at once


@dataclass(frozen=True)
class Keys:
    """Both empty: boto3 looks for them where it always does (its own variables and files, the machine's role)."""

    access: str = ""
    secret: str = field(default="", repr=False)

    def words(self) -> Mapping[str, str]:
        return {"aws_access_key_id": self.access, "aws_secret_access_key": self.secret} if self.access else {}


class Clients:
    def __init__(self, address: S3Address, keys: Keys) -> None:
        self._address, self._keys = address, keys

    @cached_property
    def quick(self) -> Any:
        return self._client(self._address.endpoint, QUICK_SECONDS)

    @cached_property
    def patient(self) -> Any:
        return self._client(self._address.endpoint, PATIENT_SECONDS)

    @cached_property
    def public(self) -> Any:
        """Signs for browsers, which may know the service by another name. Never asks anything itself."""
        return self._client(self._address.public, QUICK_SECONDS) if self._address.public else self.quick

    @cached_property
    def public_origin(self) -> str:
        return self._address.public or str(self.quick.meta.endpoint_url)

    def _client(self, endpoint: str, seconds: int) -> Any:
        from botocore.config import Config

        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            # Newer checksums only where S3 itself demands them: many services know none of them.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=CONNECT_SECONDS,
            read_timeout=seconds,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            max_pool_connections=16,
            tcp_keepalive=True,
        )
        with _making:
            return _session().client(
                "s3", endpoint_url=endpoint or None, region_name=self._address.region, config=config,
                **self._keys.words(),
            )  # fmt: skip


@cache
def _session() -> Any:
    """One for all clients, because it reads the description of S3, which takes longer than making a client of it."""
    from boto3.session import Session

    return Session()


@cache
def transfers() -> Any:
    """How large files go: in parts, few at a time, because several workers share this machine."""
    from boto3.s3.transfer import TransferConfig

    mib = 1024 * 1024
    return TransferConfig(multipart_chunksize=32 * mib, max_concurrency=3)
