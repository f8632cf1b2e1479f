"""Files that would lead ffmpeg to another file or address if it followed them, and a watch on what is opened."""

from __future__ import annotations

import ctypes
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

_IN_OPEN = 0x20

# What names another file by its path or its address, and what ffmpeg would take each for.
SCRIPTS = {
    "concat": "ffconcat version 1.0\nfile {target}\n",
    "playlist": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{target}\n#EXT-X-ENDLIST\n",
    "master playlist": '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="{target}"\n'
    '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\n{target}\n',
    "key in a playlist": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{target}"\n#EXTINF:2,\n{target}\n#EXT-X-ENDLIST\n',
    "manifest": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" profiles="x" '
    'mediaPresentationDuration="PT2S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1">'
    "<BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "session description": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\n"
    "a=rtpmap:96 H264/90000\na=control:{target}\n",
    "xspf": '<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track><location>'
    "{target}</location></track></trackList></playlist>",
    "asx": '<asx version="3.0"><entry><ref href="{target}"/></entry></asx>',
    "pls": "[playlist]\nFile1={target}\nNumberOfEntries=1\n",
    "redirection": "[Reference]\nRef1={target}\n",
    "real metafile": "{target}\n",
    "ffmetadata": ";FFMETADATA1\ntitle={target}\n",
    "composition": '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016">'
    "<Id>urn:uuid:8d3f6e2a-0000-4000-8000-000000000000</Id><Asset><Path>{target}</Path></Asset></CompositionPlaylist>",
}


def with_far_track(film: Path, target: Path) -> Path:
    """A MOV whose track lies in another file, named by a Macintosh alias with an absolute path."""
    data = film.read_bytes()
    start = data.index(b"moov") - 4
    (size,) = struct.unpack_from(">I", data, start)
    moov = _rewritten(data[start : start + size], _alias(target))
    film.write_bytes(data[:start] + moov + data[start + size :])
    return film


def _rewritten(box: bytes, entry: bytes) -> bytes:
    kind, inside = box[4:8], box[8:]
    if kind == b"dref":
        inside = bytes(4) + struct.pack(">I", 1) + entry
    elif kind in {b"moov", b"trak", b"mdia", b"minf", b"dinf"}:
        parts, at = [], 0
        while at + 8 <= len(inside):
            (size,) = struct.unpack_from(">I", inside, at)
            parts.append(_rewritten(inside[at : at + size], entry))
            at += size
        inside = b"".join(parts)
    return struct.pack(">I", 8 + len(inside)) + kind + inside


def _alias(target: Path) -> bytes:
    """An alias record as far as ffmpeg reads it: volume, name, levels, and the path with the volume before it."""
    path = f"disk:{str(target)[1:].replace('/', ':')}".encode()
    name = target.name.encode()
    record = (
        bytes(10) + bytes([4]) + b"disk".ljust(27, b"\0") + bytes(12) + bytes([len(name)]) + name.ljust(63, b"\0")
        + bytes(16) + struct.pack(">hh", 1, 1) + bytes(16)
        + struct.pack(">hH", 2, len(path)) + path + bytes(len(path) % 2) + struct.pack(">hH", -1, 0)
    )  # fmt: skip
    return struct.pack(">I", 12 + len(record)) + b"alis" + bytes(4) + record


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A port of this machine, and what was asked of it."""
    asked: list[str] = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *words: Any) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Listening) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
        thread.start()
        try:
            yield server.server_port, asked
        finally:
            server.shutdown()
            thread.join()


class Canary:
    """A file that knows whether anybody opened it (inotify)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        libc = ctypes.CDLL(None, use_errno=True)
        self._events = libc.inotify_init1(os.O_NONBLOCK)
        assert libc.inotify_add_watch(self._events, os.fsencode(path), _IN_OPEN) > 0

    def was_opened(self) -> bool:
        """Since it was asked last."""
        try:
            return bool(os.read(self._events, 4096))
        except BlockingIOError:
            return False

    def close(self) -> None:
        os.close(self._events)
