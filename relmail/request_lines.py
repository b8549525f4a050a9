"""What a request that was refused leaves in the log."""

from __future__ import annotations

import logging
import re
from http import HTTPStatus

# The path of an unsubscribe link: who reads it in a log could unsubscribe that person.
_TOKEN = re.compile(r"(/u/)[^/\s]+")


class WithoutTokens(logging.Filter):
    """Addresses in a log line carry no token that opens something."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the record; let all of them pass."""
        said = record.getMessage()
        if _TOKEN.search(said):
            record.msg, record.args = _TOKEN.sub(r"\1...", said), ()
        return True


class RefusedInOneLine(logging.Filter):
    """Answers from 400 to 499 are what the product meant to say: one line of information, without a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lower the record; let all of them pass."""
        status = getattr(record, "status_code", 0)
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.exc_info = record.exc_text = None
        return True
