"""The steps of the demo, each by the verb that a person or the timetable uses."""

from __future__ import annotations

import datetime as dt
import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks

from analytics.models import SnsNotification
from campaigns.delivery import selectors
from campaigns.models import Cadence, CadenceStep, Campaign, CampaignEmail
from campaigns.planning import services as planning
from campaigns.review import services as review
from campaigns.review.counts import count_now
from campaigns.review.desk import Desk, open_email
from campaigns.review.refusals import Blocked
from campaigns.review.sections import SECTIONS
from releases import services as releases
from releases.models import Product, Release
from relmail.demo.people import Colleague
from relmail.demo.report import inbox_figures

# Seconds after planning at which the four e-mails go out.
OFFSETS = {"announcement": 30, "reminder": 36, "release_day": 42, "follow_up": 48}
# A person plans the first release, with a cadence of seconds; until then the timetable must not plan it.
PLANNING = "campaigns.planning.tick"
# The timetable of the demo: everything within seconds. These are rows that an operator could change as well.
SECONDS = {
    PLANNING: 2, "campaigns.drafting.draft_due": 1, "campaigns.review.watch": 5,
    "campaigns.delivery.tick": 1, "campaigns.delivery.learn_quota": 10, "releases.process_webhooks": 1,
    "analytics.apply_pending": 1, "analytics.rollup": 3, "analytics.guard": 10,
}  # fmt: skip
PATIENCE = 240.0


class StoryStopped(Exception):
    """The story cannot go on; the text says at which step and why."""


def hurry() -> None:
    """Let the timetable run every few seconds, and plan nothing yet."""
    for task, seconds in SECONDS.items():
        interval, _ = IntervalSchedule.objects.get_or_create(every=seconds, period=IntervalSchedule.SECONDS)
        PeriodicTask.objects.filter(task=task).update(interval=interval, enabled=task != PLANNING)
    PeriodicTasks.update_changed()


def wait_until(done: Callable[[], bool], *, what: str, seconds: float = PATIENCE, every: float = 0.25) -> None:
    """Wait for the timetable to do its part. Raises StoryStopped when it does not in time."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise StoryStopped(f"waited {seconds:.0f} seconds for {what}")
        time.sleep(every)


def take_in(project_key: str, *, operator: Any) -> Product:
    """Add a Jira project as a product and read it."""
    product = releases.add_product(
        jira_key=project_key,
        by=operator,
        now=timezone.now(),
        sender_name="Release news",
        sender_email="releases@harbor.example",
        reply_to="support@harbor.example",
        postal_address="Harbor GmbH, Hafenstrasse 1, 20457 Hamburg, Germany",
        website=f"https://harbor.example/{project_key.lower()}/releases",
        time_zone="Europe/Berlin",
    )
    run = releases.sync(product=product, now=timezone.now())
    if run.outcome != "succeeded":
        raise StoryStopped(f"Jira could not be read: {run.error}")
    return product


def choose(products: list[Product]) -> tuple[Release, Release | None]:
    """The release of the story: of the first product the next one with issues, else the one with most; and a second.

    Recorded projects hold old releases: those that a sync leaves alone are read here by hand.
    """
    for product in products:
        for release in product.releases.exclude(state__in=["archived", "deleted"]):
            if not release.issue_count:
                releases.sync_release(release=release, by=None, now=timezone.now())
    mine = Release.objects.filter(product=products[0], issue_count__gt=0, snapshots__isnull=False).distinct()
    first = (
        mine.filter(state="unreleased", release_date__gte=timezone.now().date()).order_by("release_date").first()
        or mine.order_by("-issue_count").first()
    )
    if first is None:
        raise StoryStopped(f"{products[0]} has no version with issues.")
    others = Release.objects.filter(
        product__in=products, state="unreleased", release_date__gt=timezone.now().date(), issue_count__gt=0
    ).exclude(pk=first.pk)
    return first, others.order_by("release_date").first()


def plan(release: Release, *, by: Any) -> Campaign:
    """Plan with a cadence whose steps are seconds apart."""
    cadence, _ = Cadence.objects.get_or_create(
        name="All four within a minute",
        defaults={"anchor": Cadence.Anchor.PLANNED_AT, "late_after": dt.timedelta(minutes=30), "plan_from_days": 0},
    )
    default = Cadence.objects.get(is_default=True)
    for step in default.steps.all():
        CadenceStep.objects.get_or_create(
            cadence=cadence,
            kind=step.kind,
            defaults={
                "position": step.position,
                "offset": dt.timedelta(seconds=OFFSETS[step.kind]),
                "needs_release": step.needs_release,
                "template": step.template,
            },
        )
    try:
        campaign = planning.plan(release=release, cadence=cadence, by=by, now=timezone.now())
    except planning.PlanRefused as refused:
        raise StoryStopped(f"{release} cannot be planned: {refused}") from refused
    PeriodicTask.objects.filter(task=PLANNING).update(enabled=True)
    PeriodicTasks.update_changed()
    return campaign


def wait_for_drafts(campaign: Campaign) -> None:
    """Until the timetable has drafted all four."""
    wait_until(lambda: not campaign.emails.filter(state="planned").exists(), what="the drafts")
    held = campaign.emails.filter(state="held").first()
    if held:
        raise StoryStopped(f"The {held.get_step_display().lower()} is held: {held.state_reason}")


def review_and_approve(email: CampaignEmail, *, marketer: Any, manager: Any) -> str:
    """Submit as one person, approve as another what that one saw. Returns the digest of the approved bytes."""
    email = CampaignEmail.objects.select_related("campaign__release__product", "template_version").get(pk=email.pk)
    try:
        review.submit(email=email, by=marketer, now=timezone.now())
    except Blocked as blocked:
        raise StoryStopped(f"The {email.get_step_display().lower()} cannot be submitted: {blocked}") from blocked
    now = timezone.now()
    count_now(email=email, now=now)
    seen = Desk(open_email(email.pk), manager, now).seen
    review.approve(email=email, seen=seen, ticked=SECTIONS, by=manager, now=now)
    return seen.rendition


def say_released(release: Release, *, simulator_url: str) -> None:
    """Press “Release” in Jira; its webhook tells us, and we read the version again."""
    order = {"action": "jira", "do": "release_version", "version": release.jira_id}
    request = urllib.request.Request(f"{simulator_url}/control", data=json.dumps(order).encode(), method="POST")  # noqa: S310
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310 - loopback
        pass
    wait_until(
        lambda: Release.objects.filter(pk=release.pk, state="released").exists(), what="Jira's webhook", seconds=60
    )


def progress(campaign: Campaign) -> tuple[int, int]:
    """How many messages have an end state, and how many there are."""
    sheets = selectors.balances(list(campaign.emails.all())).values()
    return sum(sheet.settled for sheet in sheets), sum(sheet.planned for sheet in sheets)


def all_ended(campaign: Campaign) -> bool:
    """Whether every e-mail is sent, or is in a state from which it will not get there by itself."""
    moving = ("approved", "sending")
    return not campaign.emails.filter(state__in=moving).exists()


def has_left(campaign: Campaign, step: str) -> bool:
    """Whether one e-mail has been sent, or will not be."""
    return not campaign.emails.filter(step=step, state__in=("approved", "sending")).exists()


def wait_for_events(*, simulator_url: str) -> None:
    """Until everything that Amazon has to say has arrived and is counted."""

    def quiet() -> bool:
        return (
            not inbox_figures(simulator_url)["pending_events"]
            and not SnsNotification.objects.filter(applied_at__isnull=True).exists()
        )

    wait_until(quiet, what="the events from SNS", seconds=120, every=0.5)


def prepare_second(release: Release, *, by: Any) -> Campaign:
    """Plan the second release with the default cadence and let it be drafted; a person does the rest."""
    campaign = Campaign.objects.filter(release=release).first()
    if campaign is None:
        try:
            campaign = planning.plan(release=release, by=by, now=timezone.now())
        except planning.PlanRefused:  # the timetable was faster
            campaign = Campaign.objects.get(release=release)
    wait_until(lambda: not campaign.emails.filter(state="planned").exists(), what="the drafts of the second release")
    return campaign


def waiting(told: Campaign) -> list[tuple[Campaign, bool]]:
    """The campaigns beside the one that was told, soonest first, each with whether all of it is drafted."""
    others = Campaign.objects.exclude(pk=told.pk).filter(emails__state__in=("planned", "drafted")).distinct()
    found = others.select_related("release__product").order_by("release__release_date", "pk")
    return [(campaign, not campaign.emails.filter(state="planned").exists()) for campaign in found]


def by_role(colleagues: list[Colleague]) -> dict[str, Any]:
    """The users by their user names."""
    return {colleague.username: colleague.user for colleague in colleagues}
