"""No network call inside a database transaction (law 6), watched where the libraries open their requests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import urllib3
from django.db import connection, transaction

from campaigns.delivery import limiter, sending, services
from campaigns.drafting import services as drafting
from campaigns.models import Sender
from releases import services as releases
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


class Watch:
    """Which libraries made requests, and which did so inside a transaction."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.inside: list[str] = []

    def around(self, real: Any, library: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            (self.inside if connection.in_atomic_block else self.calls).append(library)
            return real(*args, **kwargs)

        return call


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Sees every request; one inside a transaction fails the test at its end."""
    watching = Watch()
    pool = urllib3.connectionpool.HTTPConnectionPool
    monkeypatch.setattr(pool, "urlopen", watching.around(pool.urlopen, "urllib3"))
    monkeypatch.setattr(httpx2.Client, "send", watching.around(httpx2.Client.send, "httpx2"))
    yield watching
    assert watching.inside == []


def test_the_watch_sees_a_call_inside_a_transaction(simulator: Any, watch: Watch) -> None:
    with transaction.atomic():
        limiter.learn(now=factories.NOW)
    assert watch.inside == ["urllib3"]
    watch.inside.clear()
    limiter.learn(now=factories.NOW)
    assert watch.calls == ["urllib3"]


def test_reading_jira_makes_no_call_inside_a_transaction(simulator: Any, watch: Watch) -> None:
    product = releases.add_product(
        jira_key="HARBOR", by=None, now=factories.NOW, sender_name="News", sender_email="news@harbor.example",
        postal_address="Hafenstrasse 1, Hamburg",
    )  # fmt: skip
    assert releases.sync(product=product, now=factories.NOW).outcome == "succeeded"
    assert watch.calls.count("urllib3") > 5


def test_drafting_makes_no_call_inside_a_transaction(simulator: Any, watch: Watch) -> None:
    email = factories.make_email(factories.make_campaign())
    drafting.draft(email=email, now=factories.NOW)
    assert "httpx2" in watch.calls
    assert email.revisions.get().drafter.startswith("openai")


def test_sending_makes_no_call_inside_a_transaction(simulator: Any, settings: Any, watch: Watch) -> None:
    settings.SEND_CALLS_IN_FLIGHT = 1  # the watch asks this thread's connection
    now = dt.datetime.now(dt.UTC)
    email = factories.make_approved_email(contacts=120, send_at=now)
    Sender.objects.filter(pk=limiter.row().pk).update(rate_per_second=100_000)
    services.start_due(now=now)
    services.prepare_due(now=now)
    sending.send_due(email_id=email.pk, seconds=20)
    services.finish_due(now=now)
    email.refresh_from_db()
    assert email.state == "sent"
    assert watch.calls.count("urllib3") >= 3
