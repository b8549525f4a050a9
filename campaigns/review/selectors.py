"""Reads of the review room: is the approval still good, what awaits me, what happened."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.text import capfirst

from campaigns import states
from campaigns.drafting.models import Revision
from campaigns.drafting.selectors import current_revision, text_of
from campaigns.permissions import holders
from campaigns.planning.models import CampaignEmail, Transition
from campaigns.planning.selectors import audience_rule
from campaigns.planning.times import in_words
from campaigns.review import actions as rules
from campaigns.review import drift, rendition
from campaigns.review.actions import Action
from campaigns.review.models import Approval, KeptText, Look, Rendition
from campaigns.review.typed import Typed, typed_of


def valid_approval(email: CampaignEmail) -> Approval | None:
    """The approval that nobody voided; whether it still fits is said by `approval_problem`."""
    return (
        Approval.objects.filter(email=email, decision=Approval.Decision.APPROVED, voided_at__isnull=True)
        .select_related("rendition", "revision__snapshot", "by")
        .first()
    )


def approved_rendition(email: CampaignEmail) -> Rendition | None:
    """The bytes that may be sent, or None without an approval."""
    approval = valid_approval(email)
    return approval.rendition if approval else None


def approval_problem(email: CampaignEmail, now: dt.datetime) -> str:
    """Why nothing may be sent by the approval of this e-mail; "" when it holds to the last byte.

    Everything is read and computed again: the current revision, the digest of the kept bytes, the rule of the
    audience, the send time, and whether the facts that its sentences rest on still stand.
    """
    approval = valid_approval(email)
    if approval is None or approval.rendition is None:
        return "It has no valid approval."
    row = CampaignEmail.objects.select_related("campaign__release").get(pk=email.pk)
    newest = row.revisions.order_by("-number").values_list("pk", flat=True).first()
    if newest != approval.revision_id:
        return "The text changed after the approval."
    if rendition.digest_of(approval.rendition) != approval.rendition.digest:
        return "The approved bytes are not what was approved: their digest differs."
    if audience_rule(row).digest() != approval.audience_digest:
        return "The lists changed after the approval."
    if row.send_at != approval.send_at:
        return "The send time changed after the approval."
    touched = drift_of(row, approval)
    if touched:
        # One fact may stand under several sentences.
        facts = len({(each.key, each.message) for each in touched})
        more = f" (and {facts - 1} more)" if facts > 1 else ""
        return f"The facts changed after the approval: {touched[0].message}{more}"
    return ""


def drift_of(email: CampaignEmail, approval: Approval) -> list[drift.Drift]:
    """What Jira changed since an approval that touches its text."""
    newest = email.campaign.release.snapshots.order_by("-number").first()
    if newest is None or newest.digest == approval.snapshot_digest:
        return []
    shown = approval.rendition.text if approval.rendition else ""
    return drift.between(text_of(approval.revision), facts_named_by(approval), newest.facts, shown=shown)


def facts_named_by(approval: Approval) -> dict[str, Any]:
    """The facts that an approval says yes to: after "still true" they are newer than those of the text."""
    snapshots = approval.email.campaign.release.snapshots
    seen = snapshots.filter(digest=approval.snapshot_digest).order_by("-number").first()
    return seen.facts if seen else approval.revision.snapshot.facts


def actions(
    email: CampaignEmail, user: Any, *, now: dt.datetime, revision: Revision | None = None, blocking: int = 0
) -> list[Action]:
    """The verbs for this person and e-mail, each with whether it is allowed and why not."""
    current = revision or current_revision(email)
    return rules.actions(email, user, revision=current, now=now, blocking=blocking)


@dataclass(frozen=True)
class Awaiting:
    """One e-mail that waits for this person, and the one next thing to do."""

    email: CampaignEmail
    next_step: str
    late: bool


def awaiting(user: Any, now: dt.datetime) -> list[Awaiting]:
    """What waits for this person, oldest deadline first. Two queries, whatever the number."""
    return [
        Awaiting(email, _NEXT[email.state], late=email.send_at is None or email.send_at < now)
        for email in queue().filter(_wanted(user)).order_by("send_at", "pk")
        if not _own(user, email.state, email.last_author, email.campaign.release.product.self_approval)
    ]


def _wanted(user: Any) -> Q:
    """What this person can go on with, by state and rights."""
    wanted = Q(pk__in=[])
    if user.has_perm(rules.EDIT):
        wanted |= Q(state__in=["drafted", "needs_changes"])
    if user.has_perm(rules.APPROVE):
        wanted |= Q(state="in_review")
    if user.has_perm("campaigns.hold_campaign"):
        wanted |= Q(state="held")
    return wanted & Q(campaign__state__in=["active", "held"])


def _own(user: Any, state: str, last_author: int | None, self_approval: bool) -> bool:
    """Whether it waits for another release manager, because this one wrote its text."""
    return state == "in_review" and last_author == user.pk and not self_approval


@dataclass(frozen=True)
class Place:
    """Where an e-mail stands among those that wait for a person: its neighbours, and which of how many it is.

    `number` is 0 when it does not wait (any more); the neighbours are those around its time all the same.
    """

    previous: CampaignEmail | None
    next: CampaignEmail | None
    number: int
    total: int


def place(email: CampaignEmail, user: Any, now: dt.datetime) -> Place:
    """The place of an e-mail in the queue of a person: what is to be approved first, then the other work, by time.

    Nothing stands before the first and nothing after the last. Only behind an e-mail that does not wait (any more) the
    first one comes next when no later one is left, so that whoever decided on the last goes on with what was left out.
    """

    # Hundreds may wait: what orders them is read of all, and the two neighbours alone as a whole.
    def order(pk: int, state: str, send_at: dt.datetime | None) -> tuple[bool, bool, float, int]:
        return other_work(state), send_at is not None, send_at.timestamp() if send_at else 0.0, pk

    def other_work(state: str) -> bool:
        return state in ("drafted", "needs_changes", "held")

    newest = Revision.objects.filter(email=OuterRef("pk")).order_by("-number").values("author")[:1]
    rows = CampaignEmail.objects.filter(_wanted(user)).annotate(last_author=Subquery(newest)).values_list(
        "pk", "state", "send_at", "last_author", "campaign__release__product__self_approval"
    )  # fmt: skip
    mine = order(email.pk, email.state, email.send_at)
    waiting = sorted(order(*row[:3]) for row in rows if not _own(user, *row[1:2], *row[3:]))
    alike = [each for each in waiting if each[0] == mine[0]]
    number = next((at for at, each in enumerate(alike, start=1) if each[-1] == email.pk), 0)
    others = [each for each in waiting if each[-1] != email.pk]
    if not others:
        return Place(None, None, number, len(alike))
    after = next((at for at, each in enumerate(others) if each > mine), len(others))
    before = others[after - 1][-1] if after else 0
    behind = others[after][-1] if after < len(others) else 0
    if not behind and len(others) == len(waiting):
        before, behind = 0, others[0][-1]
    found = CampaignEmail.objects.select_related("campaign__release__product").in_bulk([before, behind])
    return Place(found.get(before), found.get(behind), number, len(alike))


_NEXT = {
    "drafted": "Check the draft and submit it",
    "needs_changes": "Make the changes asked for",
    "in_review": "Approve or request changes",
    "held": "Look why it is held",
}


# Settings of a product that no list shows: parsed for each of 500 rows they cost more than the rest.
_UNSHOWN = tuple(
    f"campaign__release__product__{name}"
    for name in (
        "internal_labels", "field_mapping", "preferred_words", "forbidden_words", "customer_names", "allowed_hosts",
    )
)  # fmt: skip


def queue() -> QuerySet[Any]:
    """E-mails with all that a list of them shows, and `last_author`: who wrote the current text."""
    newest = Revision.objects.filter(email=OuterRef("pk")).order_by("-number")
    emails = CampaignEmail.objects.select_related("campaign__release__product", "locked_by").defer(*_UNSHOWN)
    return emails.annotate(
        last_author=Subquery(newest.values("author")[:1]), subject=Subquery(newest.values("subject")[:1])
    )


@dataclass(frozen=True)
class Entry:
    """One line of an e-mail's history."""

    at: dt.datetime
    who: str
    what: str
    why: str
    revision: Revision | None = None


def revisions(email: CampaignEmail) -> list[Revision]:
    """Every text of an e-mail, newest first, each without its words: who wrote it, when and why."""
    return list(email.revisions.select_related("author").defer("preheader", "blocks", "order").order_by("-number"))


def history(email: CampaignEmail, texts: list[Revision] | None = None) -> list[Entry]:
    """Every revision and every change of state, newest first.

    Args:
        texts: its revisions, when the caller has read them already.
    """
    entries = [
        Entry(row.created_at, _who(row.author, row.drafted_by), f"Revision {row.number}", row.why, row)
        for row in (revisions(email) if texts is None else texts)
    ]
    zone = email.campaign.release.product.time_zone
    changes = email.transitions.select_related("by")
    entries += [Entry(row.at, _who(row.by), _changed(row, zone), row.why) for row in changes]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def reviewers(email: CampaignEmail, revision: Revision) -> list[Look]:
    """Who has a text in review before them: those who may say yes to it and have opened it, the first one first."""
    if email.state != "in_review":
        return []
    looks = (
        Look.objects.filter(email=email, seen=revision, user__in=holders(rules.APPROVE))
        .select_related("user")
        .order_by("at")
    )
    own = revision.author_id if not email.campaign.release.product.self_approval else None
    return [look for look in looks if look.user_id != own]


def not_saved(email: CampaignEmail, revision: Revision, user: Any) -> Typed | None:
    """What a person typed and did not save, on whichever computer, if it says another thing than this revision."""
    kept = KeptText.objects.filter(email=email, user=user).first()
    if kept is None:
        return None
    saved = typed_of(email, revision).to_json()
    # Kept without an order it has that of the saved text, as on the page.
    fields = {**saved, **{name: words for name, words in kept.fields.items() if words or name != "order"}}
    return Typed.from_form({**fields, "based_on": str(kept.based_on)}) if fields != saved else None


def newest_approval(email: CampaignEmail) -> Approval | None:
    """The approval that nobody voided, else the newest void one; without the HTML that it keeps, which is large."""
    return (
        email.approvals.filter(decision=Approval.Decision.APPROVED)
        .select_related("by", "voided_by", "rendition", "revision__snapshot")
        .defer("rendition__html", "revision__snapshot__facts")
        .order_by(F("voided_at").desc(nulls_first=True), "-at", "-pk")
        .first()
    )


def last_release_text(email: CampaignEmail) -> Revision | None:
    """The newest text of the same step of the product's last release that had one."""
    if email.correction_of_id is not None:
        return None
    return (
        Revision.objects.filter(
            email__step=email.step,
            email__correction_of__isnull=True,
            email__campaign__release__product=email.campaign.release.product_id,
            email__campaign__created_at__lt=email.campaign.created_at,
        )
        .exclude(email__state="cancelled")
        .select_related("email__campaign__release")
        .only(
            "subject",
            "preheader",
            "blocks",
            "order",
            "number",
            "email__step",
            "email__campaign__release__name",
        )
        .order_by("-email__campaign__created_at", "-number")
        .first()
    )


# How long an emergency approval is shown to everybody on the list of reviews.
EMERGENCY_SHOWN = dt.timedelta(days=14)


def emergencies(now: dt.datetime) -> QuerySet[Approval]:
    """Approvals that an operator gave in an emergency lately, the newest first. One query."""
    return (
        Approval.objects.filter(break_glass=True, at__gte=now - EMERGENCY_SHOWN)
        .select_related("by", "email__campaign__release__product")
        .order_by("-at")
    )


def _who(person: Any, drafter: str = "") -> str:
    if person is not None:
        return person.get_full_name() or person.get_username()
    return capfirst(drafter) or "relmail"


def _changed(row: Transition, zone: str) -> str:
    if row.what == "email":
        label = states.EMAIL[row.after].label if row.after in states.EMAIL else row.after
        return f"{label}"
    if row.what == "return":
        before, after = (states.EMAIL[name].label if name in states.EMAIL else name for name in (row.before, row.after))
        return f"Once given back: {before} → {after}"
    if row.what == "time":
        return f"Send time: {in_words(row.before, zone) or 'none'} → {in_words(row.after, zone) or 'none'}"
    return (
        f"{row.what.capitalize()}: {row.before} → {row.after}"
        if row.before
        else f"{row.what.capitalize()}: {row.after}"
    )
