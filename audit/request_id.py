"""The id of the request being worked on; follows from web to job to log line."""

from __future__ import annotations

from contextvars import ContextVar

current: ContextVar[str] = ContextVar("request_id", default="")
