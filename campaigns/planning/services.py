"""Plan, move, hold, resume and cancel campaigns and their e-mails.

Every verb checks rights, changes state by a conditional UPDATE and leaves a line of history, in one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q

from campaigns import states
from campaigns.audience.models import ContactList
from campaigns.permissions import require
from campaigns.planning import history, times
from campaigns.planning.models import Cadence, Campaign, CampaignEmail
from releases.models import Release
from templates.models import EmailTemplateVersion

PASSED = "Its moment has passed, so it would be held again at once. Choose a new time first."


class PlanRefused(Exception):
    """A campaign that cannot be planned or changed, in words for the person who asked."""


def move(*, email: CampaignEmail, to: str, by: Any, why: str, now: dt.datetime, **fields: Any) -> CampaignEmail:
    """Move an e-mail to another state, once, whoever else tries at the same moment.

    Args:
        email: as the caller saw it; its `state` is what the move starts from.
        to: a state of states.EMAIL.
        by: the person, or None for the timetable.
        why: shown beside the state while it is held, paused or cancelled, and in the history.
        fields: further columns to set in the same UPDATE.

    Raises:
        MoveRefused: the table does not allow it, or somebody was faster.
    """
    states.check(states.EMAIL, email.state, to)
    before = email.state
    fields["state_reason"] = why[:500] if to in ("held", "paused", "cancelled", "needs_changes") else ""
    fields["held_from"] = before if to == "held" else ""
    fields.setdefault("held_by_approval", False)
    with transaction.atomic():
        changed = CampaignEmail.objects.filter(pk=email.pk, state=before).update(state=to, state_since=now, **fields)
        if not changed:
            current = CampaignEmail.objects.values_list("state", flat=True).get(pk=email.pk)
            raise states.MoveRefused(
                f"It was {states.EMAIL[before].label.lower()} a moment ago and is now "
                f"{states.EMAIL[current].label.lower()}: somebody else was faster. Nothing was changed."
            )
        email.state = to
        email.state_since = now
        for name, value in fields.items():
            setattr(email, name, value)
        history.record(what="email", what_id=email.pk, email=email, before=before, after=to, why=why, by=by, now=now)
    return email


def cadence_for(release: Release) -> Cadence | None:
    """The cadence a release is planned with when nobody chooses: the product's own, or the default."""
    return (
        Cadence.objects.filter(Q(product=release.product_id) | Q(is_default=True)).order_by("is_default", "id").first()
    )


def plan(
    *,
    release: Release,
    cadence: Cadence | None = None,
    lists: Iterable[ContactList] | None = None,
    by: Any,
    now: dt.datetime,
) -> Campaign:
    """Make the campaign of a release: four e-mails with their times. Those whose moment has passed are held.

    Raises:
        PermissionDenied: the person may not plan.
        PlanRefused: the release cannot have one, with the reason.
    """
    require(by, "campaigns.plan_campaign")
    if release.state in (Release.State.ARCHIVED, Release.State.DELETED):
        raise PlanRefused(f"{release} is {release.get_state_display().lower()}; there is nothing to announce.")
    if not release.snapshots.exists():
        raise PlanRefused(f"{release} has not been read from Jira yet. Sync it first.")
    cadence = cadence or cadence_for(release)
    if cadence is None:
        raise PlanRefused("There is no cadence. An operator makes one in the admin.")
    if cadence.anchor == Cadence.Anchor.RELEASE_DATE and release.release_date is None:
        raise PlanRefused(f"{release} has no release date in Jira, and the cadence “{cadence}” counts from it.")
    steps = list(cadence.steps.select_related("cadence", "template").order_by("position"))
    if not steps:
        raise PlanRefused(f"The cadence “{cadence}” has no steps.")
    versions = _published_versions(step.template_id for step in steps)
    for step in steps:
        if step.template_id not in versions:
            raise PlanRefused(f"The template “{step.template}” has no published version.")
    anchor_at = now if cadence.anchor == Cadence.Anchor.PLANNED_AT else None
    with transaction.atomic():
        campaign, created = Campaign.objects.get_or_create(
            release=release,
            defaults={
                "cadence": cadence,
                "owner": by,
                "created_at": now,
                "anchor_at": anchor_at,
                "planned_for": release.release_date,
            },
        )
        if not created:
            raise PlanRefused(f"{release} has a campaign already.")
        campaign.lists.set(release.product.lists.all() if lists is None else lists)
        for step in steps:
            moment = times.send_at(
                step, release_date=release.release_date, anchor_at=anchor_at, zone=release.product.time_zone
            )
            email = CampaignEmail.objects.create(
                campaign=campaign,
                step=step.kind,
                position=step.position,
                send_at=moment,
                needs_release=step.needs_release,
                local_time=step.local_time and step.time_of_day is not None,
                window_opens=cadence.window_opens,
                window_closes=cadence.window_closes,
                late_after=cadence.late_after,
                template_version=versions[step.template_id],
                state_since=now,
            )
            history.record(
                what="email", what_id=email.pk, email=email, before="", after="planned",
                why=f"Planned with the cadence “{cadence}”.", by=by, now=now,
            )  # fmt: skip
            if moment is None or moment + cadence.late_after < now:
                why = f"Its moment, {_local(email)}, had passed when it was planned."
                # The rule holds it, not the person: a new time alone brings it back.
                move(email=email, to="held", by=None, why=why, now=now)
    return campaign


def _published_versions(template_ids: Iterable[int]) -> dict[int, EmailTemplateVersion]:
    """The newest published version of each template."""
    found: dict[int, EmailTemplateVersion] = {}
    versions = EmailTemplateVersion.objects.filter(
        template_id__in=list(template_ids), state=EmailTemplateVersion.State.PUBLISHED
    )
    for version in versions.order_by("number"):
        found[version.template_id] = version
    return found


def _local(email: CampaignEmail) -> str:
    from zoneinfo import ZoneInfo

    if email.send_at is None:
        return "no time"
    zone = email.campaign.release.product.time_zone
    return f"{email.send_at.astimezone(ZoneInfo(zone)):%d %b %Y %H:%M} {zone}"


def replan(
    *, campaign: Campaign, by: Any, now: dt.datetime
) -> dict[int, tuple[dt.datetime | None, dt.datetime | None]]:
    """Move every unsent e-mail to where the release date of Jira puts it now, in one transaction.

    Times that a person chose stay. An approved e-mail whose time changes goes back to review: its approval named the
    old time. An e-mail whose new moment has passed is held.

    Returns:
        The e-mails that moved: id -> (before, after).
    """
    require(by, "campaigns.plan_campaign")
    moved: dict[int, tuple[dt.datetime | None, dt.datetime | None]] = {}
    release = campaign.release
    with transaction.atomic():
        # Conditional, so that two ticks at the same instant move it once.
        changed = (
            Campaign.objects.filter(pk=campaign.pk)
            .filter(~Q(planned_for=release.release_date) | Q(planned_for__isnull=release.release_date is not None))
            .update(planned_for=release.release_date)
        )
        if not changed:
            return moved
        before_date = campaign.planned_for
        campaign.planned_for = release.release_date
        steps = {step.kind: step for step in campaign.cadence.steps.select_related("cadence")}
        why = f"The release date in Jira moved from {before_date or 'none'} to {release.release_date or 'none'}."
        for email in campaign.emails.select_related("campaign__release__product").select_for_update(of=("self",)):
            if email.state not in states.UNSENT or email.send_at_by_person or email.step not in steps:
                continue
            if email.correction_of_id is not None:
                continue  # it goes out when a person says so, not around the release date
            moment = times.send_at(
                steps[email.step],
                release_date=release.release_date,
                anchor_at=campaign.anchor_at,
                zone=release.product.time_zone,
            )
            if moment == email.send_at:
                continue
            moved[email.pk] = (email.send_at, moment)
            _change_time(email, moment, why=why, by=by, now=now, by_person=False)
    return moved


def _change_time(
    email: CampaignEmail, moment: dt.datetime | None, *, why: str, by: Any, now: dt.datetime, by_person: bool
) -> None:
    before, missed = email.send_at, held_as_missed(email)
    email.send_at = moment
    email.send_at_by_person = by_person
    email.save(update_fields=["send_at", "send_at_by_person"])
    history.record(
        what="time", what_id=email.pk, email=email, why=why, by=by, now=now,
        before=before.isoformat() if before else "", after=moment.isoformat() if moment else "",
    )  # fmt: skip
    late = moment is None or moment + email.late_after < now
    if late and email.state != "held":
        move(email=email, to="held", by=None, why=f"{why} Its new moment, {_local(email)}, has passed.", now=now)
    elif missed and not late:
        to = _back(email)
        why = _asked(email, to) or f"{why} It was held because the old one had passed."
        move(email=email, to=to, by=by, why=why, now=now)
    elif email.state == "approved":
        move(email=email, to="in_review", by=by, why=f"{why} The approval named another time.", now=now)


def is_missed(email: CampaignEmail, now: dt.datetime) -> bool:
    """Whether its moment has passed by more than its limit, so that nothing sends it any more."""
    return email.send_at is not None and email.send_at + email.late_after < now


def held_as_missed(email: CampaignEmail) -> bool:
    """Whether it is held because its moment had passed or was missing, and for no other reason."""
    if email.state != "held" or (email.send_at is not None and not is_missed(email, email.state_since)):
        return False
    newest = email.transitions.filter(what="email").order_by("-pk").first()
    # What a person held waits for that person, however late it is.
    return newest is not None and newest.after == "held" and newest.by_id is None and not email.held_by_approval


def _back(email: CampaignEmail) -> str:
    """Where a held e-mail with a new time belongs; an approval named the old one."""
    to = "in_review" if email.held_from == "approved" else email.held_from or "planned"
    return to if to in states.EMAIL["held"].moves else "drafted"


def _asked(email: CampaignEmail, to: str) -> str:
    """Which changes were asked for, when it goes back to where they are to be made: they are its reason again."""
    if to != "needs_changes":
        return ""
    asked = email.transitions.filter(what="email", after="needs_changes").order_by("-pk")
    return asked.values_list("why", flat=True).first() or ""


def set_send_at(*, email: CampaignEmail, send_at: dt.datetime, by: Any, now: dt.datetime) -> None:
    """Give one unsent e-mail a time that a person chose; a moved release leaves it there. An approval is void after it.

    One that was held because its moment had passed goes back to where it was, an approved one to review.

    Raises:
        PermissionDenied: the person may not plan.
        PlanRefused: it went out already, or the time lies in the past.
    """
    require(by, "campaigns.plan_campaign")
    if email.state not in states.UNSENT:
        raise PlanRefused(f"It is {states.EMAIL[email.state].label.lower()}; its time can no longer change.")
    if send_at <= now:
        raise PlanRefused("That time has passed. Choose one in the future.")
    if send_at == email.send_at:
        return
    with transaction.atomic():
        _change_time(email, send_at, why="A person chose the time.", by=by, now=now, by_person=True)


def set_lists(*, campaign: Campaign, lists: Iterable[ContactList], by: Any, now: dt.datetime) -> None:
    """Choose whom the campaign goes to. Approved e-mails go back to review: their approval named other lists."""
    require(by, "campaigns.plan_campaign")
    wanted = {contact_list.pk: contact_list.name for contact_list in lists}
    with transaction.atomic():
        before = dict(campaign.lists.values_list("pk", "name"))
        if before.keys() == wanted.keys():
            return
        campaign.lists.set(wanted.keys())
        history.record(
            what="lists", what_id=campaign.pk, campaign=campaign, before=", ".join(before.values()),
            after=", ".join(wanted.values()), why="", by=by, now=now,
        )  # fmt: skip
        # A correction goes to those who received what it corrects, so the lists do not touch it.
        for email in campaign.emails.filter(state="approved", correction_of__isnull=True):
            move(email=email, to="in_review", by=by, why="The lists changed; the approval named others.", now=now)


def hold_email(*, email: CampaignEmail, why: str, by: Any, now: dt.datetime) -> None:
    """Keep an unsent e-mail back until a person has looked at it."""
    require(by, "campaigns.hold_campaign")
    move(email=email, to="held", by=by, why=why, now=now)


def resume_email(*, email: CampaignEmail, by: Any, now: dt.datetime) -> None:
    """Give a held e-mail back to the work, never straight to the sender.

    It returns to where it was; an approved one without a time goes to review.

    Raises:
        PermissionDenied: the person may not hold and give back.
        PlanRefused: it is not held, or its moment has passed: the next tick would hold it again.
    """
    require(by, "campaigns.hold_campaign")
    if email.state != "held":
        raise PlanRefused("It is not held.")
    if is_missed(email, now):
        raise PlanRefused(PASSED)
    to = email.held_from or "planned"
    if to == "approved" and email.send_at is None:
        to = "in_review"
    if to not in states.EMAIL["held"].moves:
        to = "drafted"
    move(email=email, to=to, by=by, why=_asked(email, to) or "Given back by a person.", now=now)


def cancel_email(*, email: CampaignEmail, why: str, by: Any, now: dt.datetime) -> None:
    """Cancel an e-mail of which nothing has gone out; one in mid-send is cancelled by delivery."""
    require(by, "campaigns.hold_campaign")
    if email.state not in states.UNSENT:
        raise PlanRefused("It is being sent; cancel the send instead.")
    move(email=email, to="cancelled", by=by, why=why, now=now, finished_at=now)


def _move_campaign(campaign: Campaign, to: str, *, why: str, by: Any, now: dt.datetime) -> None:
    states.check(states.CAMPAIGN, campaign.state, to)
    before = campaign.state
    changed = Campaign.objects.filter(pk=campaign.pk, state=before).update(
        state=to, hold_reason=why[:300] if to == "held" else ""
    )
    if not changed:
        raise states.MoveRefused("Somebody else was faster. Nothing was changed.")
    campaign.state = to
    campaign.hold_reason = why[:300] if to == "held" else ""
    history.record(
        what="campaign", what_id=campaign.pk, campaign=campaign, before=before, after=to, why=why, by=by, now=now
    )


def hold_campaign(*, campaign: Campaign, why: str, by: Any, now: dt.datetime) -> None:
    """Stop a campaign until a person has looked: none of its e-mails starts while it is held."""
    require(by, "campaigns.hold_campaign")
    with transaction.atomic():
        _move_campaign(campaign, "held", why=why, by=by, now=now)


def resume_campaign(*, campaign: Campaign, by: Any, now: dt.datetime) -> None:
    """Let a held campaign go on. What has become late in the meantime is held by the next tick."""
    require(by, "campaigns.hold_campaign")
    if campaign.state != "held":
        raise states.MoveRefused(
            f"It is {states.CAMPAIGN[campaign.state].label.lower()}; there is nothing to let go on."
        )
    with transaction.atomic():
        _move_campaign(campaign, "active", why="Given back by a person.", by=by, now=now)


def cancel_campaign(*, campaign: Campaign, why: str, by: Any, now: dt.datetime) -> None:
    """Cancel a campaign and every e-mail of it that has not started."""
    require(by, "campaigns.hold_campaign")
    with transaction.atomic():
        _move_campaign(campaign, "cancelled", why=why, by=by, now=now)
        for email in campaign.emails.filter(state__in=states.UNSENT):
            move(email=email, to="cancelled", by=by, why=why, now=now, finished_at=now)


def reopen_campaign(*, campaign: Campaign, why: str, by: Any, now: dt.datetime) -> None:
    """Open an ended campaign once more, for a correction of what it sent. Its other e-mails stay as they ended."""
    require(by, "campaigns.hold_campaign")
    with transaction.atomic():
        _move_campaign(campaign, "active", why=why, by=by, now=now)


def finish_campaign(*, campaign: Campaign, now: dt.datetime) -> None:
    """Close a campaign whose four e-mails have all ended."""
    with transaction.atomic():
        _move_campaign(campaign, "finished", why="Every e-mail has ended.", by=None, now=now)
