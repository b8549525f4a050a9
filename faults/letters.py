"""What SNS would post about mails that the simulated SES accepted: real signatures, in any order and number."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone

from relmail.simulator.amazon.inbox import Mail
from tests.sns_letters import letter, ses_event


def tell(simulator: Any, mail: Mail, kind: str) -> dict[str, Any]:
    """The arguments of analytics.services.receive for one event of one mail."""
    event = ses_event(kind, to=mail.recipients, tags=mail.tags, ses_id=mail.message_id)
    return {"body": json.dumps(letter(simulator, event)).encode(), "now": timezone.now()}
