"""A TCP relay to the S3 server, to break, hold up and count what passes between it and us."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlsplit


class Relay:
    """`cut_after`: bytes of answers after which a connection is cut. `is_silent`: it listens and says nothing."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.cut_after: int | None = None
        self.is_silent = False
        self.open = self.taken = 0
        self._lock = threading.Lock()
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        with suppress(OSError):  # closed
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._relay, args=(connection,), daemon=True).start()

    def _count(self, by: int) -> None:
        with self._lock:
            self.open += by
            self.taken += max(by, 0)

    def _relay(self, client: socket.socket) -> None:
        self._count(1)
        try:
            if self.is_silent:
                while client.recv(65536):
                    continue
                return
            with socket.create_connection(self._target) as server:
                asking = threading.Thread(target=self._pump, args=(client, server, None), daemon=True)
                asking.start()
                self._pump(server, client, self.cut_after)
                for end in (server, client):
                    with suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
                asking.join()
        except OSError:
            return
        finally:
            client.close()
            self._count(-1)

    def _pump(self, source: socket.socket, target: socket.socket, most: int | None) -> None:
        with suppress(OSError):
            while block := source.recv(65536 if most is None else min(65536, most)):
                target.sendall(block)
                if most is not None:
                    most -= len(block)
                    if most <= 0:
                        break
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(OSError):  # closed already
            self._listening.shutdown(socket.SHUT_RDWR)  # or whoever waits in accept takes one more
        self._listening.close()


@contextmanager
def relayed(target: str) -> Iterator[Relay]:
    with closing(Relay(target)) as relay:
        yield relay
