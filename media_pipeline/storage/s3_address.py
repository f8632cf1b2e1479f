"""What an S3 STORAGE_URL says: `s3://bucket/prefix?endpoint=https://…&region=…&public=https://…`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from media_pipeline.storage.base import BadKey, BadStorageUrl, checked

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_OURS = {"endpoint", "region", "public"}
USUAL_REGION = "us-east-1"


@dataclass(frozen=True)
class S3Address:
    """`prefix` is empty or ends with a slash. `endpoint` is for us, `public` for browsers; empty: AWS's, by region."""

    bucket: str
    prefix: str
    endpoint: str
    region: str
    public: str

    def __str__(self) -> str:
        """What tells one place from another, for people and for names of caches."""
        return f"s3://{self.bucket}/{self.prefix} ({self.endpoint or self.region})"


def parse(url: str) -> S3Address:
    """Raises BadStorageUrl for what names no bucket, and for words it does not know: a typing error must not pass."""
    parts, words = urlsplit(url), dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    prefix = unquote(parts.path).strip("/")
    known = parts.scheme == "s3" and _BUCKET.fullmatch(parts.netloc) and set(words) <= _OURS and not parts.fragment
    if not known or not _is_prefix(prefix):
        raise BadStorageUrl(url)
    endpoint = _origin(url, words.get("endpoint", ""))
    public = _origin(url, words.get("public", "")) or endpoint
    region = words.get("region") or USUAL_REGION
    return S3Address(parts.netloc, f"{prefix}/" if prefix else "", endpoint, region, public)


def _is_prefix(prefix: str) -> bool:
    try:
        return not prefix or bool(checked(prefix))
    except BadKey:
        return False


def _origin(url: str, given: str) -> str:
    """`scheme://host[:port]`, without anything behind it: keys and signatures are built on the bare address."""
    parts = urlsplit(given)
    if given and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query):
        raise BadStorageUrl(url)
    if parts.path not in {"", "/"}:
        raise BadStorageUrl(url)
    return f"{parts.scheme}://{parts.netloc}" if given else ""
