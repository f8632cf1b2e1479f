"""The way of questions and of documents to Elasticsearch: JSON over connections that are kept, by the standard library.

The client that is meant for it takes three times the processor's time of each small request, and a page is three or
four of them. It stays for what is rare: indices, aliases, settings.
"""

from __future__ import annotations

import json
import ssl
from base64 import b64encode
from collections import deque
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import unquote, urlsplit

from search.engines.base import SearchError

Json = dict[str, Any]
_JSON = "application/vnd.elasticsearch+json; compatible-with=8"
to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Line:
    """For all threads of a process: each takes a connection that is free, or opens one."""

    def __init__(self, url: str, *, api_key: str, timeout: float) -> None:
        self.url, self.timeout = urlsplit(url), timeout
        self._free: deque[HTTPConnection] = deque()
        self._headers = {"accept": _JSON, "content-type": _JSON, **_authorization(url, api_key)}
        self._tls = ssl.create_default_context() if self.url.scheme == "https" else None

    def __del__(self) -> None:
        for one in self._free:
            one.close()

    def ask(self, path: str, *lines: Json | str, timeout: float | None = None) -> Json:
        """The answer; what is asked may be JSON already. Raises SearchError."""
        body = "".join(f"{one if isinstance(one, str) else to_json(one)}\n" for one in lines).encode(errors="replace")
        try:
            status, answer = self._post(self.url.path.rstrip("/") + path, body, timeout or self.timeout)
            if status < 400:
                found: Json = json.loads(answer)
                return found
        except (OSError, HTTPException, ValueError) as error:  # ValueError: somebody answered, but not with JSON
            raise SearchError(f"{type(error).__name__}: {error}") from error
        raise SearchError(f"{status}: {answer[:500].decode(errors='replace')}")

    def _post(self, path: str, body: bytes, timeout: float) -> tuple[int, bytes]:
        while self._free:
            try:
                return self._over(self._free.pop(), path, body, timeout)
            except (ConnectionError, HTTPException):
                continue  # it was closed while nobody used it; what we send may come twice
        return self._over(self._opened(), path, body, timeout)

    def _over(self, connection: HTTPConnection, path: str, body: bytes, timeout: float) -> tuple[int, bytes]:
        connection.timeout = timeout
        if connection.sock:
            connection.sock.settimeout(timeout)
        try:
            connection.request("POST", path, body, self._headers)
            answer: HTTPResponse = connection.getresponse()
            told = answer.status, answer.read()
        except BaseException:
            connection.close()
            raise
        self._free.append(connection)
        return told

    def _opened(self) -> HTTPConnection:
        host, port = self.url.hostname or "localhost", self.url.port
        if self._tls is None:
            return HTTPConnection(host, port or 9200)
        return HTTPSConnection(host, port or 443, context=self._tls)


def _authorization(url: str, api_key: str) -> dict[str, str]:
    if api_key:
        return {"authorization": f"ApiKey {api_key}"}
    at = urlsplit(url)
    if not at.username:
        return {}
    named = f"{unquote(at.username)}:{unquote(at.password or '')}"
    return {"authorization": f"Basic {b64encode(named.encode()).decode()}"}
