"""What a request that was refused leaves in the log."""

from __future__ import annotations

import logging
from http import HTTPStatus


class RefusedInOneLine(logging.Filter):
    """Answers from 400 to 499 are what the product meant to say: one line of information, without a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lower the record; let all of them pass."""
        status = getattr(record, "status_code", 0)
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.exc_info = record.exc_text = None
        return True
