"""django-post_office with the SES backend of django-ses, as its README sets it up; also the settings of that site.

Default: BATCH_SIZE 100, one process of 5 threads. Every e-mail is a row with subject, text and HTML of its own.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any

from bench import mail
from bench.process import Start
from relmail.environment import Environment

DATABASES = {"default": Environment(os.environ).database("DATABASE_URL", "sqlite://:memory:")}
INSTALLED_APPS = ["django.contrib.contenttypes", "post_office"]
SECRET_KEY = "bench"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
EMAIL_BACKEND = "post_office.EmailBackend"
POST_OFFICE = {"BACKENDS": {"default": "django_ses.SESBackend"}}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
# post_office would add its own handler, which says INFO, to a logger that has none.
LOGGING = {
    "version": 1,
    "handlers": {"none": {"class": "logging.NullHandler"}},
    "loggers": {"post_office": {"handlers": ["none"], "level": "ERROR", "propagate": False}},
}
USE_SES_V2 = True
AWS_SES_REGION_NAME = os.environ.get("AWS_REGION", "eu-central-1")
AWS_SES_REGION_ENDPOINT_URL = os.environ.get("AWS_SES_ENDPOINT_URL", "http://127.0.0.1:9")
AWS_SES_AUTO_THROTTLE = None  # it would ask SES for the rate and sleep
AWS_ACCESS_KEY_ID = os.environ.get("AWS_ACCESS_KEY_ID", "")
AWS_SECRET_ACCESS_KEY = os.environ.get("AWS_SECRET_ACCESS_KEY", "")


def queue(start: Start, *, messages: int) -> dict[str, Any]:
    """Put so many e-mails into post_office's queue."""
    from post_office.mail import send_many
    from post_office.models import Email

    start()
    Email.objects.all().delete()
    for first in range(0, messages, 500):
        send_many([
            {
                "sender": mail.SENDER, "recipients": [mail.address(number)], "subject": mail.SUBJECT,
                "message": mail.filled(mail.TEXT, number), "html_message": mail.filled(mail.HTML, number),
                "headers": mail.headers(number),
            }
            for number in range(first, min(first + 500, messages))
        ])  # fmt: skip
    return {"queued": Email.objects.count()}


def work(start: Start, *, processes: int) -> dict[str, Any]:
    """Send what is queued, by what its command send_queued_mail calls."""
    from post_office.mail import send_queued_mail_until_done
    from post_office.models import STATUS, Email

    start()
    with tempfile.TemporaryDirectory() as folder:
        send_queued_mail_until_done(lockfile=f"{folder}/lock", processes=processes)
    return {"accepted": Email.objects.filter(status=STATUS.sent).count()}
