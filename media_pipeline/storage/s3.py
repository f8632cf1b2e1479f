"""The storage on an S3 service, through boto3: SigV4, path style, nothing a plain S3 server may lack.

Keys are the same as on disk, below the address's prefix. Parts go from browsers straight to the service; what arrived
is asked of the service, never of the browser.
"""

from __future__ import annotations

import io
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from botocore.exceptions import ClientError

from media_pipeline import media_types
from media_pipeline.storage.base import Multipart, MultipartGone, Part, PartsChanged, are_whole, checked
from media_pipeline.storage.bucket import Bucket
from media_pipeline.storage.copies import Copies
from media_pipeline.storage.range_file import RangeFile
from media_pipeline.storage.s3_address import S3Address
from media_pipeline.storage.s3_clients import Clients, transfers
from media_pipeline.storage.s3_errors import code_of, explained

READ_LINK_SECONDS = 15 * 60  # it is used at once; a range may be asked for again while a slow phone pauses
LEAST_PART = 5 * 1024 * 1024  # S3's own rule, for all parts but the last
DELETED_AT_ONCE = 1000
PUT_AT_ONCE = 64 * 1024 * 1024  # a larger file goes in parts, so that one lost connection costs only one of them
_BLOCK = 1024 * 1024
_PROBES = ".probes"  # no key can name it


class S3Storage:
    part_check = "Content-MD5"

    def __init__(self, address: S3Address, clients: Clients, copies: Copies) -> None:
        self.address, self._clients, self._copies = address, clients, copies
        self.bucket = Bucket(address, clients)
        self._bucket = {"Bucket": address.bucket}

    @property
    def parts_origin(self) -> str:
        return self._clients.public_origin

    def is_writable(self) -> bool:
        probe = f"{self.address.prefix}{_PROBES}/{secrets.token_hex(8)}"
        try:
            with explained("a trial"):
                self._s3.put_object(**self._bucket, Key=probe, Body=b"")
                self._s3.delete_object(**self._bucket, Key=probe)
        except OSError:
            return False
        return True

    def free_bytes(self) -> int | None:
        return None

    # ---- objects ----

    def put_file(self, key: str, path: Path) -> None:
        place, about, client = self._place(key), media_types.stored_as(key), self._clients.patient
        with explained(key):
            if path.stat().st_size <= PUT_AT_ONCE:
                with path.open("rb") as file:
                    client.put_object(**place, **about, Body=file)
            else:
                client.upload_file(str(path), place["Bucket"], place["Key"], ExtraArgs=about, Config=transfers())

    def copy(self, key: str, to: str) -> None:
        source, target = self._place(key), self._place(to)
        if key == to:  # the service refuses that
            self.size(key)
            return
        with explained(key):
            try:
                self._clients.patient.copy_object(**target, CopySource=source)
            except ClientError as error:
                if code_of(error) not in {"InvalidRequest", "EntityTooLarge"}:  # over 5 GiB: in parts
                    raise
                about = media_types.stored_as(to)
                self._clients.patient.copy(source, target["Bucket"], target["Key"], ExtraArgs=about, Config=transfers())

    def open(self, key: str) -> BinaryIO:
        place = self._place(key)

        def fetch(start: int, etag: str) -> dict[str, Any]:
            condition = {"IfMatch": etag} if etag else {}
            if start:
                condition["Range"] = f"bytes={start}-"
            with explained(key):
                return cast("dict[str, Any]", self._s3.get_object(**place, **condition))

        return io.BufferedReader(RangeFile(key, fetch), _BLOCK)

    def path(self, key: str) -> Path | None:
        checked(key)
        return None

    def read_link(self, key: str, method: str = "GET") -> str | None:
        operation = {"GET": "get_object", "HEAD": "head_object"}[method]
        with explained(key):
            return str(self._s3.generate_presigned_url(operation, Params=self._place(key), ExpiresIn=READ_LINK_SECONDS))

    @contextmanager
    def local_copy(self, key: str) -> Iterator[Path]:
        facts = self._head(key)

        def download(file: BinaryIO) -> None:
            with self.open(key) as source:
                shutil.copyfileobj(source, file, _BLOCK)

        with self._copies.hold(f"{self.address} {key} {facts['ETag']}", facts["ContentLength"], download) as path:
            yield path

    def size(self, key: str) -> int:
        return int(self._head(key)["ContentLength"])

    def exists(self, key: str) -> bool:
        try:
            self._head(key)
        except FileNotFoundError:
            return False
        return True

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        return ((self._key(found["Key"]), int(found["Size"])) for found in self._objects(prefix))

    def stamps(self, prefix: str = "") -> Iterator[tuple[str, int, str]]:
        for found in self._objects(prefix) if prefix else self._below(self.address.prefix):
            yield self._key(found["Key"]), int(found["Size"]), str(found["ETag"]).strip('"')

    def stamp(self, key: str) -> str:
        return str(self._head(key)["ETag"]).strip('"')

    def folders(self, prefix: str) -> Iterator[str]:
        below = f"{self._place(prefix)['Key']}/"
        names = set()
        for page in self._pages("list_objects_v2", prefix, Prefix=below, Delimiter="/"):
            names |= {found["Prefix"] for found in page.get("CommonPrefixes", ())}
            names |= {found["Key"] for found in page.get("Contents", ())}
        yield from sorted(filter(None, (name.removeprefix(below).strip("/") for name in names)))

    def changed_at(self, prefix: str) -> datetime | None:
        times = [found["LastModified"] for found in self._objects(prefix)]
        with suppress(FileNotFoundError):
            times.append(self._head(prefix)["LastModified"])
        return max(times, default=None)

    def delete(self, key: str) -> None:
        with suppress(FileNotFoundError), explained(key):
            self._s3.delete_object(**self._place(key))

    def delete_prefix(self, prefix: str) -> None:
        names = [found["Key"] for found in self._objects(prefix)]
        for start in range(0, len(names), DELETED_AT_ONCE):
            self._delete(prefix, names[start : start + DELETED_AT_ONCE])
        self.delete(prefix)

    def discard_leftovers(self, before: datetime) -> None:
        """Broken-off puts in parts are among the multiparts; here what this machine keeps, and trials of writing."""
        self._copies.forget_before(before)
        for page in self._pages("list_objects_v2", _PROBES, Prefix=f"{self.address.prefix}{_PROBES}/"):
            names = [found["Key"] for found in page.get("Contents", ()) if found["LastModified"] < before]
            self._delete(_PROBES, names)

    # ---- parts ----

    def create_multipart(self, key: str, *, size: int, part_size: int) -> str:
        if size > part_size and part_size < LEAST_PART:
            raise ValueError(f"S3 takes no parts below {LEAST_PART} bytes, and these would have {part_size}.")
        with explained(key):
            begun = self._s3.create_multipart_upload(**self._place(key), **media_types.stored_as(key))
        return str(begun["UploadId"])

    def sign_part(self, storage_id: str, key: str, number: int, *, size: int, expires_at: datetime) -> str:
        """The size is signed with it: a body of another length does not fit the signature."""
        seconds = max(1, int((expires_at - datetime.now(UTC)).total_seconds()))
        asked = {**self._place(key), "UploadId": storage_id, "PartNumber": number, "ContentLength": size}
        with explained(key):
            return str(self._clients.public.generate_presigned_url("upload_part", Params=asked, ExpiresIn=seconds))

    def holds_multipart(self, storage_id: str, key: str) -> bool:
        with suppress(MultipartGone), explained(key):
            self._s3.list_parts(**self._place(key), UploadId=storage_id, MaxParts=1)
            return True
        return False

    def list_parts(self, storage_id: str, key: str) -> Sequence[Part]:
        with suppress(MultipartGone):
            return self._received(storage_id, key)
        return []

    def complete_multipart(self, storage_id: str, key: str, parts: Sequence[Part], *, size: int) -> None:
        """The service compares each part's etag at the moment it joins them: what was sent again since is noticed."""
        if self._has(key, size):
            self.abort_multipart(storage_id, key)
            return
        if not are_whole(parts, size):
            self._received(storage_id, key)  # which says so if the upload is gone altogether
            raise PartsChanged(key)
        joined = {"Parts": [{"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in parts]}
        try:
            with explained(key):
                place = self._place(key)
                self._clients.patient.complete_multipart_upload(**place, UploadId=storage_id, MultipartUpload=joined)
        except (MultipartGone, FileNotFoundError) as error:
            if not self._has(key, size):  # else another call was faster
                raise MultipartGone(key) from error

    def abort_multipart(self, storage_id: str, key: str) -> None:
        with suppress(MultipartGone), explained(key):
            self._s3.abort_multipart_upload(**self._place(key), UploadId=storage_id)

    def list_multiparts(self) -> Iterator[Multipart]:
        prefix = self.address.prefix
        for page in self._pages("list_multipart_uploads", prefix, **self._bucket, Prefix=prefix):
            for found in page.get("Uploads", ()):
                key, storage_id = self._key(found["Key"]), str(found["UploadId"])
                times = [found["Initiated"], *(part.at for part in self.list_parts(storage_id, key))]
                yield Multipart(storage_id, key, max(times))

    # ---- inside ----

    @property
    def _s3(self) -> Any:
        return self._clients.quick

    def _place(self, key: str) -> dict[str, str]:
        return {**self._bucket, "Key": self.address.prefix + checked(key.removesuffix("/"))}

    def _key(self, name: str) -> str:
        return name.removeprefix(self.address.prefix)

    def _head(self, key: str) -> dict[str, Any]:
        place = self._place(key)
        with explained(key):
            return cast("dict[str, Any]", self._s3.head_object(**place))

    def _received(self, storage_id: str, key: str) -> Sequence[Part]:
        """Raises MultipartGone."""
        pages = self._pages("list_parts", key, **self._place(key), UploadId=storage_id)
        return [_part(found) for page in pages for found in page.get("Parts", ())]

    def _has(self, key: str, size: int) -> bool:
        try:
            return self.size(key) == size
        except FileNotFoundError:
            return False

    def _objects(self, prefix: str) -> Iterator[dict[str, Any]]:
        """What lies below `prefix`, by key. Raises BadKey for an empty one, which would mean everything."""
        return self._below(f"{self._place(prefix)['Key']}/")

    def _below(self, start: str) -> Iterator[dict[str, Any]]:
        """Marks of folders, which some services keep, are no objects; nor are trials of writing."""
        probes = f"{self.address.prefix}{_PROBES}/"
        for page in self._pages("list_objects_v2", start, Prefix=start):
            found = (one for one in page.get("Contents", ()) if not one["Key"].endswith("/"))
            yield from (one for one in found if not one["Key"].startswith(probes))

    def _pages(self, operation: str, what: str, **asked: Any) -> Iterator[dict[str, Any]]:
        with explained(what):
            yield from self._s3.get_paginator(operation).paginate(**{**self._bucket, **asked})

    def _delete(self, what: str, names: Sequence[str]) -> None:
        if not names:
            return
        with explained(what):
            done = self._s3.delete_objects(
                **self._bucket, Delete={"Objects": [{"Key": n} for n in names], "Quiet": True}
            )
        if failed := done.get("Errors"):
            raise OSError(f"{len(failed)} objects below {what} could not be deleted: {failed[0].get('Message', '')}")


def _part(found: dict[str, Any]) -> Part:
    return Part(int(found["PartNumber"]), int(found["Size"]), str(found["ETag"]).strip('"'), found["LastModified"])
