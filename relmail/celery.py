"""The Celery application. Messages are wake-ups: short tasks that carry ids and may be lost or come twice."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relmail.settings")

app = Celery("relmail")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        "releases",
        "campaigns.audience",
        "campaigns.planning",
        "campaigns.drafting",
        "campaigns.review",
        "campaigns.delivery",
        "campaigns.notices",
        "analytics",
    ]
)
