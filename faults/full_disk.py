"""One e-mail on SQLite whose disk runs full at a chosen moment and is freed again; prints its verdict as JSON.

`python -m faults.full_disk FOLDER MOMENT`: FOLDER is a small file system with the migrated database of DATABASE_URL.
"""

from __future__ import annotations

import datetime as dt
import errno
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from faults import worker  # sets Django up


def fill(folder: Path) -> None:
    """Leave not one byte free."""
    with (folder / "filler").open("ab", buffering=0) as file:
        for size in (65_536, 4_096, 256, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


def scene(folder: Path, moment: str) -> dict[str, Any]:
    """Send 300, with a full disk from a moment of the second claim on for one second."""
    from django.conf import settings
    from django.db import OperationalError
    from django.utils import timezone

    from campaigns.audience import selectors as audience
    from campaigns.delivery import limiter, sending, services
    from campaigns.models import Sender
    from faults.judge import Received, judge
    from tests import factories

    email = factories.make_approved_email(contacts=300, send_at=timezone.now())
    people = list(
        audience.recipients(list(email.campaign.lists.values_list("pk", flat=True))).values_list("email", flat=True)
    )
    Sender.objects.filter(pk=limiter.row().pk).update(rate_per_second=100_000)
    reached = 0

    def hit() -> None:
        nonlocal reached
        reached += 1
        if reached == 2:
            fill(folder)

    worker.POINTS[moment](hit)
    refused = 0
    end = time.monotonic() + 30
    while time.monotonic() < end and email.state in ("approved", "sending"):
        try:
            sending.reap(now=timezone.now() + dt.timedelta(seconds=60))
            services.start_due(now=timezone.now())
            services.prepare_due(now=timezone.now())
            for email_id in services.sending_emails():
                sending.send_due(email_id=email_id, seconds=5)
            services.finish_due(now=timezone.now())
            email.refresh_from_db()
        except OperationalError:
            refused += 1
            time.sleep(0.1)
            if refused == 10:  # an operator makes room
                (folder / "filler").unlink()
    url = settings.AWS_SES_ENDPOINT_URL.removesuffix("/aws")
    return asdict(judge(email, people, Received.read(url, email.pk))) | {"refused": refused}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(scene(Path(sys.argv[1]), sys.argv[2])) + "\n")
