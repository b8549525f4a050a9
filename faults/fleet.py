"""The product's Celery application with an impatient reaper, so that nobody waits most of a minute for it in a test.

`celery -A faults.fleet worker`: no call of the simulated SES takes as long here as a real one may.
"""

from functools import partial

import django

django.setup()

from campaigns.delivery import sending  # noqa: E402 - Django first
from relmail.celery import app  # noqa: E402

SECONDS = 12.0

sending.reap = partial(sending.reap, seconds=SECONDS)
__all__ = ["app"]
