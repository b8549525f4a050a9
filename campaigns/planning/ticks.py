"""What the timetable does for campaigns: plan what is near, follow Jira, hold what was missed, close what has ended.

Each tick looks in the database for what is due, so it may run twice, at once, or not at all for a while.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from campaigns import states
from campaigns.planning import services
from campaigns.planning.models import Campaign, CampaignEmail
from releases.models import Release, Snapshot

logger = logging.getLogger(__name__)


def plan_due(*, now: dt.datetime) -> int:
    """Plan every unreleased version whose date is near enough and that has no campaign. Returns how many."""
    releases = (
        Release.objects.filter(
            Exists(Snapshot.objects.filter(release=OuterRef("pk"))),
            state=Release.State.UNRELEASED,
            release_date__gte=now.date(),
            campaign__isnull=True,
            product__active=True,
        )
        .select_related("product")
        .order_by("release_date")
    )
    planned = 0
    for release in releases:
        cadence = services.cadence_for(release)
        if cadence is None or release.release_date is None:
            continue
        if release.release_date > now.date() + dt.timedelta(days=cadence.plan_from_days):
            continue
        try:
            services.plan(release=release, cadence=cadence, by=None, now=now)
            planned += 1
        except services.PlanRefused as refusal:
            logger.info("not planned: %s", refusal)
    return planned


def follow_jira(*, now: dt.datetime) -> int:
    """Move campaigns with their release's date; hold those whose release is gone. Returns how many changed."""
    changed = 0
    moved = (
        Campaign.objects.filter(state__in=["active", "held"], cadence__anchor="release_date")
        .exclude(Q(planned_for=F("release__release_date")) & Q(planned_for__isnull=False))
        .exclude(planned_for__isnull=True, release__release_date__isnull=True)
        .select_related("release__product", "cadence")
    )
    for campaign in moved:
        if services.replan(campaign=campaign, by=None, now=now):
            changed += 1
    gone = Campaign.objects.filter(
        state="active", release__state__in=[Release.State.ARCHIVED, Release.State.DELETED]
    ).select_related("release")
    for campaign in gone:
        try:
            services.hold_campaign(
                campaign=campaign,
                why=f"The release is {campaign.release.get_state_display().lower()}.",
                by=None,
                now=now,
            )
            changed += 1
        except states.MoveRefused:
            continue
    return changed


def hold_missed(*, now: dt.datetime) -> int:
    """Hold e-mails whose moment passed by more than their limit before anybody approved them. Returns how many.

    No approval can send them any more, so they wait for a person and a new time; an approved one is held by delivery.
    """
    waiting = CampaignEmail.objects.filter(
        state__in=[name for name in states.UNSENT if name not in ("approved", "held")],
        send_at__lt=now, campaign__state="active",
    )  # fmt: skip
    missed = [email.pk for email in waiting.order_by("send_at", "pk") if services.is_missed(email, now)]
    return sum(_hold_missed(pk, now) for pk in missed)


def _hold_missed(pk: int, now: dt.datetime) -> bool:
    with transaction.atomic():
        # Read again under the lock: in between a person may have chosen a new time, which no state tells.
        email = CampaignEmail.objects.select_related("campaign").select_for_update(of=("self",)).get(pk=pk)
        if not services.is_missed(email, now):
            return False
        was = email.get_state_display().lower()
        why = f"Its moment has passed while it was {was}; late mail is not sent. Choose a new time, or cancel it."
        try:
            services.move(email=email, to="held", by=None, why=why, now=now)
        except states.MoveRefused:
            return False
    return True


def finish_due(*, now: dt.datetime) -> int:
    """Close campaigns of which every e-mail is sent or cancelled. Returns how many."""
    ended = [name for name, state in states.EMAIL.items() if state.final]
    open_emails = CampaignEmail.objects.filter(campaign=OuterRef("pk")).exclude(state__in=ended)
    finished = 0
    for campaign in Campaign.objects.filter(~Exists(open_emails), state="active"):
        try:
            services.finish_campaign(campaign=campaign, now=now)
            finished += 1
        except states.MoveRefused:
            continue
    return finished
