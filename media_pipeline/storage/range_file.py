"""An object of the service as a file that can be read from anywhere; only what is read is fetched."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable
from typing import Any

from media_pipeline.storage.base import StorageUnavailable
from media_pipeline.storage.s3_errors import explained

AGAIN_AT_MOST = 4  # times in a row that a broken connection is taken up where it broke
# (first byte, etag or "" for whichever is there) → what get_object answers
Fetch = Callable[[int, str], dict[str, Any]]


class RangeFile(io.RawIOBase):
    """Reads one answer for as long as reading goes on in order; a jump, or a broken connection, asks for another."""

    def __init__(self, key: str, fetch: Fetch) -> None:
        super().__init__()
        answer = fetch(0, "")
        self.key = key
        self._fetch, self._body = fetch, answer["Body"]
        self.size, self.etag = int(answer["ContentLength"]), str(answer["ETag"])
        self._at = self._body_at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, "before the beginning")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self.size - self._at)
        if wanted <= 0:
            return 0
        block = self._read(wanted)
        buffer[: len(block)] = block
        self._at += len(block)
        self._body_at = self._at
        return len(block)

    def _read(self, wanted: int) -> bytes:
        for left in reversed(range(AGAIN_AT_MOST)):
            try:
                if self._body_at != self._at:
                    self._take_up()
                with explained(self.key):
                    block: bytes = self._body.read(wanted)
                if block:
                    return block
                raise StorageUnavailable(errno.EIO, "the answer ended early")
            except StorageUnavailable:
                self._body_at = -1
                if not left:
                    raise
        raise AssertionError  # the loop returns or raises

    def _take_up(self) -> None:
        """The rest, of the same version: bytes of two would make neither."""
        self._body.close()
        self._body = self._fetch(self._at, self.etag)["Body"]
        self._body_at = self._at

    def close(self) -> None:
        if not self.closed:
            self._body.close()
        super().close()
