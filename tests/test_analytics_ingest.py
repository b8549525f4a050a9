"""From a stored notification to events and what follows from them: any order, any number of times."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import machine, services, shapes
from analytics.models import EmailEvent, SnsNotification
from campaigns.audience.services import erase
from campaigns.models import Batch, Message, Suppression
from tests import factories
from tests.sns_letters import TOPIC, ses_event

pytestmark = pytest.mark.django_db

NOW = factories.NOW
PAYLOADS = Path(__file__).resolve().parents[2] / "shared" / "data" / "payloads"
READER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


@pytest.fixture
def message() -> Message:
    """A message whose send nobody knows the end of."""
    return make_message()


def make_message(address: str = "ada@client.example", state: str = "unknown", **fields: Any) -> Message:
    email = fields.pop("email", None) or factories.make_email(state="sending", started_at=NOW)
    batch = Batch.objects.create(email=email, state="unknown", not_before=NOW, **{state: 1})
    contact = factories.make_contacts(1)[0]
    return Message.objects.create(
        email=email, batch=batch, contact=contact, address=address, state=state, changed_at=NOW, **fields
    )


def tags(message: Message) -> dict[str, Any]:
    return {"message": message.pk, "email": message.email_id, "attempt": 1}


def store(event: Any) -> SnsNotification:
    body = event if isinstance(event, str) else json.dumps(event)
    return SnsNotification.objects.create(message_id=str(uuid.uuid4()), topic_arn=TOPIC, body=body, received_at=NOW)


def hear(event: Any) -> SnsNotification:
    notification = store(event)
    services.apply(notification=notification, now=NOW)
    notification.refresh_from_db()
    return notification


def suppressed() -> dict[str, str]:
    return dict(Suppression.objects.filter(until__isnull=True).values_list("email", "reason"))


@pytest.mark.parametrize(
    "kind", ["Send", "Delivery", "Bounce", "Complaint", "Reject", "Rendering Failure", "DeliveryDelay", "Open"]
)
def test_any_event_that_names_an_unknown_message_settles_it(message: Message, kind: str) -> None:
    hear(ses_event(kind, tags=tags(message), ses_id="0107-abc", at=NOW))
    message.refresh_from_db()
    assert (message.state, message.ses_id) == ("accepted", "0107-abc")
    event = EmailEvent.objects.get()
    assert (event.message, event.email_id, event.contact_id) == (message, message.email_id, message.contact_id)


@pytest.mark.parametrize("state", ["accepted", "failed", "queued", "suppressed", "cancelled"])
def test_an_event_moves_no_message_that_is_not_unknown(state: str) -> None:
    message = make_message(state=state)
    hear(ses_event("Delivery", tags=tags(message)))
    message.refresh_from_db()
    assert message.state == state
    assert EmailEvent.objects.get().message == message


@pytest.mark.parametrize(
    "wrong",
    [{}, None, {"message": "999999"}, {"message": "x"}, {"message": "1" * 40}, {"message": "-1"}, {"message": ""}],
)
def test_an_event_that_names_no_message_of_ours_is_kept_as_an_orphan(message: Message, wrong: Any) -> None:
    hear(ses_event("Delivery", tags=wrong))
    message.refresh_from_db()
    assert message.state == "unknown"
    assert EmailEvent.objects.get().message is None


def test_the_tags_of_another_email_make_an_orphan(message: Message) -> None:
    hear(ses_event("Delivery", tags=tags(message) | {"email": message.email_id + 1}))
    message.refresh_from_db()
    assert (message.state, EmailEvent.objects.get().message) == ("unknown", None)


@pytest.mark.parametrize(
    ("to", "ours"), [("ada@client.example", True), ("Ada@Client.example", True), ("bob@client.example", False)]
)
def test_an_event_of_an_installation_with_the_same_numbers_settles_nothing_of_ours(
    message: Message, to: str, ours: bool
) -> None:
    hear(ses_event("Send", tags=tags(message), to=to))
    message.refresh_from_db()
    assert message.state == ("accepted" if ours else "unknown")
    assert EmailEvent.objects.get().message == (message if ours else None)


def test_a_bounce_of_the_address_that_a_mail_was_forwarded_to_is_still_about_our_message(message: Message) -> None:
    hear(ses_event("Bounce", tags=tags(message), bouncedRecipients=[{"emailAddress": "elsewhere@other.example"}]))
    assert EmailEvent.objects.get().message == message


@pytest.mark.parametrize(("ses_id", "ours"), [("0107-one", True), ("", True), ("0107-other", False)])
def test_the_message_of_an_erased_person_is_known_by_the_id_of_ses(ses_id: str, ours: bool) -> None:
    message = make_message(address="", state="accepted", ses_id=ses_id)
    hear(ses_event("Delivery", tags=tags(message)))
    assert EmailEvent.objects.get().message == (message if ours else None)


def test_feedback_without_tags_is_matched_by_the_id_of_ses() -> None:
    message = make_message(state="accepted", ses_id="0107-mine")
    hear(ses_event("Bounce", shape="notificationType", ses_id="0107-mine"))
    assert EmailEvent.objects.get().message == message
    hear(ses_event("Bounce", shape="notificationType", ses_id="0107-other"))
    assert EmailEvent.objects.filter(message__isnull=True).count() == 1


HARD_OR_NOT = [
    ("Bounce", {"bounceType": "Permanent", "bounceSubType": "General"}, "hard_bounce"),
    ("Bounce", {"bounceType": "Permanent", "bounceSubType": "NoEmail"}, "hard_bounce"),
    ("Bounce", {"bounceType": "Permanent", "bounceSubType": "OnAccountSuppressionList"}, "provider"),
    ("Bounce", {"bounceType": "Permanent", "bounceSubType": "Suppressed"}, "provider"),
    ("Bounce", {"bounceType": "Transient", "bounceSubType": "MailboxFull"}, ""),
    ("Bounce", {"bounceType": "Transient", "bounceSubType": "ContentRejected"}, ""),
    ("Bounce", {"bounceType": "Transient", "bounceSubType": "MessageTooLarge"}, ""),
    ("Bounce", {"bounceType": "Undetermined", "bounceSubType": "Undetermined"}, ""),
    ("Bounce", {"bounceType": "Transient", "bounceSubType": "General"}, ""),
    ("Complaint", {"complaintFeedbackType": "abuse"}, "complaint"),
    ("Complaint", {"complaintFeedbackType": "fraud"}, "complaint"),
    ("Complaint", {"complaintSubType": "OnAccountSuppressionList", "complaintFeedbackType": None}, "complaint"),
    ("Complaint", {"complaintFeedbackType": "not-spam"}, ""),
    ("Reject", {"reason": "Bad content"}, ""),
    ("DeliveryDelay", {}, ""),
    ("Delivery", {}, ""),
]


@pytest.mark.parametrize(("kind", "part", "reason"), HARD_OR_NOT)
def test_only_a_hard_bounce_and_a_complaint_end_mailing(kind: str, part: dict[str, Any], reason: str) -> None:
    event = ses_event(kind, **part)
    if kind == "Bounce":
        # The status code says 5.x.x for temporary bounces too; the type decides.
        event["bounce"]["bouncedRecipients"][0] |= {"status": "5.7.1", "diagnosticCode": "smtp; 550 5.7.1"}
    hear(event)
    assert suppressed() == ({"ada@client.example": reason} if reason else {})


def test_each_of_several_recipients_has_an_event_and_an_end() -> None:
    hear(ses_event("Bounce", to=["Ada@Client.example", "bob@client.example", "ada@client.example"]))
    both = ["ada@client.example", "bob@client.example"]
    assert sorted(EmailEvent.objects.values_list("recipient", flat=True)) == both
    assert sorted(suppressed()) == both


def test_applying_a_notification_twice_does_nothing(message: Message) -> None:
    notification = hear(ses_event("Bounce", tags=tags(message)))
    assert services.apply(notification=notification, now=NOW) == []
    assert EmailEvent.objects.count() == Suppression.objects.count() == 1


def test_what_could_not_be_applied_stays_and_is_applied_by_the_tick(
    message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**given: Any) -> bool:
        raise RuntimeError("the database went away")

    first = store(ses_event("Delivery", tags=tags(message)))
    with monkeypatch.context() as patch:
        patch.setattr(services, "settle", broken)
        assert services.apply_pending(now=NOW) == set()
    first.refresh_from_db()
    assert first.applied_at is None
    assert first.error == "RuntimeError: the database went away"
    assert EmailEvent.objects.count() == 0, "nothing of a failed attempt remains"
    assert services.apply_pending(now=NOW) == {message.email_id}
    first.refresh_from_db()
    message.refresh_from_db()
    assert (first.error, message.state) == ("", "accepted")


def test_one_bad_notification_does_not_keep_the_others_waiting(message: Message) -> None:
    store("[" * 50_000)
    store(ses_event("Delivery", tags=tags(message)))
    assert services.apply_pending(now=NOW) == {message.email_id}


def test_a_notification_that_was_kept_aside_can_be_applied_by_an_operator(message: Message, operator: Any) -> None:
    kept = store(ses_event("Bounce", tags=tags(message)))
    SnsNotification.objects.update(applied_at=NOW, error="Not applied: older than SNS keeps trying.")
    assert services.apply_again(notifications=[kept], by=operator, now=NOW) == 1
    assert services.apply_again(notifications=[kept], by=operator, now=NOW) == 0
    assert EmailEvent.objects.count() == 1


def test_an_erased_person_is_forgotten_and_still_counted(message: Message, operator: Any) -> None:
    other = make_message("bob@client.example", email=message.email)
    for one, address in ((message, "ada@client.example"), (other, "bob@client.example")):
        hear(ses_event("Click", to=address, tags=tags(one), link="https://kite.example/?to=ada"))
    assert message.contact is not None
    erase(contact=message.contact, by=operator, now=NOW)
    assert services.forget_erased() == 1
    assert services.forget_erased() == 0
    event = EmailEvent.objects.get(message=message)
    assert (event.recipient, event.link, event.detail, event.notification.body) == ("", "", {}, "")
    kept = EmailEvent.objects.get(message=other)
    assert kept.recipient == "bob@client.example"
    assert "bob@client.example" in kept.notification.body


@pytest.mark.parametrize(
    ("agent", "after", "origin"),
    [
        (READER, 5.0, "human"),
        (READER, 1.9, "machine"),
        (READER, -1.0, "machine"),
        (READER, None, "unknown"),
        ("", 60.0, "machine"),
        ("Mozilla/5.0", 60.0, "machine"),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", 60.0, "machine"),
        ("YahooMailProxy; https://help.yahoo.com", 60.0, "machine"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", 60.0, "machine"),
        ("python-requests/2.34", None, "machine"),
    ],
)
def test_machines_are_told_from_people(agent: str, after: float | None, origin: str) -> None:
    delivered = None if after is None else NOW
    assert machine.origin(agent, NOW + dt.timedelta(seconds=after or 0), delivered) == origin


def test_a_click_that_came_before_the_delivery_event_is_judged_when_it_comes(message: Message) -> None:
    hear(ses_event("Click", tags=tags(message), at=NOW + dt.timedelta(seconds=11)))
    hear(ses_event("Click", tags=tags(message), at=NOW + dt.timedelta(seconds=1.5)))
    assert set(EmailEvent.objects.values_list("origin", flat=True)) == {"unknown"}
    hear(ses_event("Delivery", tags=tags(message), at=NOW + dt.timedelta(seconds=1)))
    clicks = EmailEvent.objects.filter(type="click").order_by("at").values_list("origin", flat=True)
    assert list(clicks) == ["machine", "human"]


def _outcome(message: Message) -> tuple[Any, ...]:
    message.refresh_from_db()
    events = EmailEvent.objects.values_list("type", "origin", "recipient", "message_id", "at").order_by("type", "at")
    return message.state, suppressed(), list(events)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(7)), twice=st.sets(st.integers(0, 6)))
def test_every_order_and_repetition_ends_the_same(order: list[int], twice: set[int]) -> None:
    with transaction.atomic():
        message = make_message()
        times = [NOW + dt.timedelta(seconds=second) for second in (0, 1, 2, 9, 1.2, 12, 30)]
        kinds = ["Send", "Delivery", "Open", "Open", "Click", "Click", "Complaint"]
        stored = [store(ses_event(kind, tags=tags(message), at=at)) for kind, at in zip(kinds, times, strict=True)]
        for number in order:
            for _ in range(2 if number in twice else 1):
                services.apply(notification=stored[number], now=NOW)
        state, stopped, events = _outcome(message)
        transaction.set_rollback(True)
    assert (state, stopped) == ("accepted", {"ada@client.example": "complaint"})
    assert [(kind, origin) for kind, origin, *_ in events] == [
        ("click", "machine"), ("click", "human"), ("complaint", "unknown"), ("delivery", "unknown"),
        ("open", "machine"), ("open", "human"), ("send", "unknown"),
    ]  # fmt: skip


NAMES = (
    "eventType", "notificationType", "mail", "bounce", "bouncedRecipients", "tags", "timestamp", "destination",
    "delivery", "recipients", "messageId", "emailAddress", "click", "link",
)  # fmt: skip
VALUES = ("Bounce", "Delivery", "Click", "2026-11-04T09:00:00Z", "2026-99-04T09:00:00Z")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(VALUES),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(JSON)
def test_nothing_that_json_can_say_breaks_the_reader(data: Any) -> None:
    found = shapes.read(json.dumps(data))
    assert found is None or found.recipients


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the recorded payloads are not here")
def test_recorded_events_of_ses_are_read() -> None:
    found = {path.stem: shapes.read(path.read_text()) for path in sorted(PAYLOADS.glob("ses-*.json"))}
    assert len(found) > 20
    nothing = [name for name, event in found.items() if event is None]
    assert nothing == ["ses-inbound-lambda-event"]
    kinds = {name: event.type for name, event in found.items() if event}
    assert "other" not in kinds.values()
    assert kinds["ses-event-rendering-failure"] == "rendering_failure"
    legacy = found["ses-legacy-bounce-with-dsn"]
    assert legacy is not None
    assert (legacy.subtype, legacy.recipients, legacy.tags) == ("Permanent/General", ("jane@example.com",), {})
    delivered = found["ses-event-delivery"]
    assert delivered is not None
    assert delivered.at == dt.datetime(2016, 10, 19, 23, 21, 4, 133000, tzinfo=dt.UTC)
