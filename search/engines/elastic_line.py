"""The way of questions and of documents to Elasticsearch: JSON over connections that are kept.

A page is three small requests. The client that is meant for them takes 0.9 ms of the processor for each, http.client
0.3, and this, which reads of an answer's head only how it ends, 0.2. The client stays for what is rare: indices,
aliases, settings.
"""

from __future__ import annotations

import json
import socket
import ssl
from base64 import b64encode
from collections import deque
from typing import Any
from urllib.parse import unquote, urlsplit

from search.engines.base import SearchError

Json = dict[str, Any]
_JSON = "application/vnd.elasticsearch+json; compatible-with=8"
to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Line:
    """For all threads of a process: each takes a connection that is free, or opens one."""

    def __init__(self, url: str, *, api_key: str, timeout: float) -> None:
        at = urlsplit(url)
        self.timeout, self._free = timeout, deque[_Connection]()
        self._tls = ssl.create_default_context() if at.scheme == "https" else None
        self._host, self._port = at.hostname or "localhost", at.port or (443 if self._tls else 9200)
        self._path = at.path.rstrip("/")
        headers = {"host": at.netloc.rpartition("@")[2], "accept": _JSON, "content-type": _JSON}
        headers |= _authorization(url, api_key)
        self._headers = "\r\n".join(f"{name}: {value}" for name, value in headers.items())

    def __del__(self) -> None:
        for one in self._free:
            one.close()

    def ask(self, path: str, *lines: Json | str, timeout: float | None = None) -> Json:
        """The answer; what is asked may be JSON already. Raises SearchError."""
        body = "".join(f"{one if isinstance(one, str) else to_json(one)}\n" for one in lines).encode(errors="replace")
        head = f"POST {self._path}{path} HTTP/1.1\r\n{self._headers}\r\ncontent-length: {len(body)}\r\n\r\n"
        try:
            status, answer = self._post(head.encode() + body, timeout or self.timeout)
            if status == 200:
                found: Json = json.loads(answer)
                return found
        except (OSError, ValueError) as error:  # no connection, or nothing that could be read
            raise SearchError(f"{type(error).__name__}: {error}") from error
        raise SearchError(f"{status}: {answer[:500].decode(errors='replace')}")

    def _post(self, request: bytes, timeout: float) -> tuple[int, bytes]:
        while self._free:
            try:
                return self._over(self._free.pop(), request, timeout)
            except ConnectionError:
                continue  # it was closed while nobody used it; what we send may come twice
        return self._over(_Connection(self._host, self._port, self._tls, timeout), request, timeout)

    def _over(self, connection: _Connection, request: bytes, timeout: float) -> tuple[int, bytes]:
        try:
            answer = connection.post(request, timeout)
        except BaseException:
            connection.close()
            raise
        self._free.append(connection)
        return answer


class _Connection:
    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None, timeout: float) -> None:
        plain = socket.create_connection((host, port), timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = tls.wrap_socket(plain, server_hostname=host) if tls else plain
        self.answers = self.socket.makefile("rb")

    def post(self, request: bytes, timeout: float) -> tuple[int, bytes]:
        self.socket.settimeout(timeout)
        self.socket.sendall(request)
        status = int(self._line().split()[1])
        length, is_in_pieces = 0, False
        while line := self._line().strip():
            name, _, value = line.lower().partition(b":")
            if name == b"content-length":
                length = int(value)
            elif name == b"transfer-encoding":
                is_in_pieces = value.strip() == b"chunked"
        return status, b"".join(self._pieces()) if is_in_pieces else self._read(length)

    def _pieces(self) -> list[bytes]:
        pieces = []
        while length := int(self._line().partition(b";")[0], 16):
            pieces.append(self._read(length))
            self._line()
        while self._line().strip():
            pass
        return pieces

    def _line(self) -> bytes:
        line = self.answers.readline()
        if not line.endswith(b"\n"):
            raise ConnectionResetError("closed by the server")
        return line

    def _read(self, length: int) -> bytes:
        read = self.answers.read(length)
        if len(read) < length:
            raise ConnectionResetError("closed by the server")
        return read

    def close(self) -> None:
        self.answers.close()
        self.socket.close()


def _authorization(url: str, api_key: str) -> dict[str, str]:
    if api_key:
        return {"authorization": f"ApiKey {api_key}"}
    at = urlsplit(url)
    if not at.username:
        return {}
    named = f"{unquote(at.username)}:{unquote(at.password or '')}"
    return {"authorization": f"Basic {b64encode(named.encode()).decode()}"}
