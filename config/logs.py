"""One JSON object a line, with the request's id. Query strings and tokens never reach a log."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from audit import request_id

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request", "taskName", "color_message"}


class JsonFormatter(logging.Formatter):
    """`{"at", "level", "logger", "message", "request_id", …extras}`; extras come from `logger.info(…, extra={…})`."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if current := request_id.current.get():
            entry["request_id"] = current
        entry |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)
