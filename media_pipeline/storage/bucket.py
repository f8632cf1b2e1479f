"""The bucket an S3 storage lies in: made where it is missing, and told which sites' pages may send parts to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from media_pipeline.storage.s3_address import USUAL_REGION, S3Address
from media_pipeline.storage.s3_clients import Clients
from media_pipeline.storage.s3_errors import code_of, explained

_RULE = "shared-lectures"
_THERE = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}
_KEPT_SECONDS = 60 * 60  # a browser asks again after that: once for each upload, not for each part


class Bucket:
    """Everything raises OSError: StorageDenied where the keys may not do that, StorageUnavailable for no answer."""

    def __init__(self, address: S3Address, clients: Clients) -> None:
        self._address, self._clients = address, clients
        self._named = {"Bucket": address.bucket}

    def is_there(self) -> bool:
        """Whether it exists and is ours to use."""
        try:
            with explained(self._address.bucket):
                self._clients.quick.head_bucket(**self._named)
        except FileNotFoundError:
            return False
        return True

    def make(self) -> bool:
        """Whether it had to be made."""
        if self.is_there():
            return False
        elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": self._address.region}}
        where = {} if self._address.region == USUAL_REGION else elsewhere
        with explained(self._address.bucket):
            try:
                self._clients.quick.create_bucket(**self._named, **where)
            except ClientError as error:
                if code_of(error) not in _THERE:
                    raise
                return False  # another was faster
        return True

    def allow(self, origins: Sequence[str]) -> bool:
        """Let pages of these origins send parts; rules of others stay. Whether something had to be changed."""
        rules = self._rules()
        wanted = rule(origins)
        if wanted in rules:
            return False
        rules = [wanted, *(one for one in rules if one.get("ID") != _RULE)]
        with explained(self._address.bucket):
            self._clients.quick.put_bucket_cors(**self._named, CORSConfiguration={"CORSRules": rules})
        return True

    def allows(self, origin: str) -> bool:
        return any(
            _covers(one.get("AllowedOrigins", ()), origin) and "PUT" in one.get("AllowedMethods", ())
            and _covers([name.lower() for name in one.get("AllowedHeaders", ())], "content-md5")
            for one in self._rules()
        )  # fmt: skip

    def _rules(self) -> list[dict[str, Any]]:
        with explained(self._address.bucket):
            try:
                return list(self._clients.quick.get_bucket_cors(**self._named)["CORSRules"])
            except ClientError as error:
                if code_of(error) != "NoSuchCORSConfiguration":
                    raise
                return []


def rule(origins: Sequence[str]) -> dict[str, Any]:
    """What a bucket must be told, also by an operator whose keys may not do it."""
    return {
        "ID": _RULE, "AllowedOrigins": list(origins), "AllowedMethods": ["PUT"], "AllowedHeaders": ["content-md5"],
        "MaxAgeSeconds": _KEPT_SECONDS,
    }  # fmt: skip


def _covers(patterns: Sequence[str], word: str) -> bool:
    """As S3 reads them: one star in a pattern stands for anything."""
    return any(
        word == pattern
        or ("*" in pattern and word.startswith(pattern.partition("*")[0]) and word.endswith(pattern.partition("*")[2]))
        for pattern in patterns
    )
