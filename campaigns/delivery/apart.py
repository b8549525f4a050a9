"""One bad e-mail keeps nobody else waiting: an error in its turn is logged, and the next one has its turn.

Every tick walks over all e-mails, so an error that came through would stop every campaign, each ten seconds anew, until
somebody mended the one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded

logger = logging.getLogger(__name__)


@contextmanager
def apart(what: str) -> Iterator[None]:
    """Log an error of this block and go on behind it.

    Args:
        what: the e-mail and what is done with it, for the log.
    """
    try:
        yield
    except SoftTimeLimitExceeded:
        raise  # of the task as a whole: it has to end
    except Exception:
        logger.exception("%s failed; the others go on", what)


class Steps:
    """Steps of one task that do not depend on one another: each runs, and the first error is raised after the last."""

    def __init__(self) -> None:
        self._error: Exception | None = None

    def run(self, step: Callable[..., Any], **arguments: Any) -> Any:
        """Run a step. Returns what it returns, or None when it failed."""
        try:
            return step(**arguments)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            logger.exception("the step %s failed; the others go on", getattr(step, "__name__", step))
            self._error = self._error or error
            return None

    def end(self) -> None:
        """Let the task fail if one of its steps did, so that whoever watches tasks sees it."""
        if self._error is not None:
            raise self._error
