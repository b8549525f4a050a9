"""From the history to notices: each tick reads what is new in it, and which send times come near or have passed.

No step calls this room: it polls. A change of state is one thing, so whoever is concerned by it in two ways (an
approval that is void and a mail that is held, say) is told once. Rows of the last minutes are read again, because a
transaction may commit after one that began later; the constraint on (person, thing) makes that harmless.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery

from campaigns import states
from campaigns.notices.kinds import ALWAYS
from campaigns.notices.models import How, Notice, NoticeBookmark, NoticeChoice
from campaigns.notices.people import People
from campaigns.notices.settling import settle, settle_campaigns
from campaigns.planning.models import CampaignEmail, Transition
from campaigns.review import mentions
from campaigns.review.models import Comment
from campaigns.review.services.decision import STILL_TRUE

# What was committed late is at most so old, and lies at most so many rows back.
AGAIN = dt.timedelta(minutes=15)
OVERLAP = 500
# The first tick of an installation does not tell of what is older.
FIRST = dt.timedelta(days=1)
WINDOWS = (dt.timedelta(hours=2), dt.timedelta(hours=24))
# A missed time is told of for so long; then it is history.
MISSED_FOR = dt.timedelta(days=3)
# That a mail came into these states is told by itself, and so is that it lost its approval.
_TOLD = ("in_review", "needs_changes", "held")


@dataclass(frozen=True)
class Telling:
    """One thing, its words, and the people it is for."""

    thing: str
    kind: str
    title: str
    words: str
    at: dt.datetime
    people: frozenset[int]
    email: CampaignEmail | None = None
    campaign_id: int | None = None


def derive(*, now: dt.datetime) -> int:
    """Write the notices that are due. Safe to run twice, at once, or not at all for a while. Returns how many."""
    changes = _unread(
        "changes",
        Transition.objects.filter(what__in=["email", "campaign", "return"]).select_related(
            "email__campaign__release__product", "campaign__release__product", "by"
        ),
        now,
    )
    comments = _unread("comments", Comment.objects.select_related("email__campaign__release__product", "author"), now)
    near = _near(now)
    if not (changes or comments or near):
        return 0
    emails = [row.email for row in (*changes, *comments) if row.email is not None]
    people = People([*emails, *near])
    told = [telling for change in changes if (telling := _of_change(change, people))]
    told += [telling for email in near if (telling := _of_time(email, people, now))]
    told += _of_comments(comments, people, told)
    written = _write(told)
    settle({row.email_id for row in changes if row.email_id}, now=now)
    settle_campaigns({row.campaign_id for row in changes if row.what == "campaign" and row.campaign_id}, now=now)
    _turn_page("changes", changes)
    _turn_page("comments", comments)
    return written


def _unread(history: str, rows: QuerySet[Any], now: dt.datetime) -> list[Any]:
    mark = NoticeBookmark.objects.filter(pk=history).first()
    if mark is None:
        before = rows.model.objects.filter(at__lt=now - FIRST).aggregate(last=Max("pk"))["last"] or 0
        mark, _ = NoticeBookmark.objects.get_or_create(pk=history, defaults={"position": before})
    new = Q(pk__gt=mark.position) | Q(pk__gt=mark.position - OVERLAP, at__gte=now - AGAIN)
    return list(rows.filter(new).order_by("pk"))


def _turn_page(history: str, rows: list[Any]) -> None:
    if rows:
        NoticeBookmark.objects.filter(pk=history, position__lt=rows[-1].pk).update(position=rows[-1].pk)


def _of_change(change: Transition, people: People) -> Telling | None:
    """The notice of one change of state, or None when it concerns nobody."""
    if change.what == "campaign":
        return _of_campaign(change, people)
    email = change.email
    if email is None:
        return None
    thing, before, after = f"change:{change.pk}", change.before, change.after
    if change.what == "return":
        # Taken back while it is held: its state stays, what it goes back to does not.
        title = f"The approval of {email} is void; it stays held" if before == "approved" else (
            f"{email} was taken back from review; it stays held"
        )  # fmt: skip
        whom = people.writers(email) | (people.approver(email) if before == "approved" else people.approvers)
        whom -= {change.by_id}
        return Telling(thing, "voided", title, _said(change), change.at, frozenset(whom), email)
    if before == "approved" and after in ("drafted", "in_review"):
        kind, title = "voided", f"The approval of {email} is void"
        whom = people.writers(email) | people.approver(email)
        if after == "in_review":
            title += "; it needs another"
            whom |= people.deciders(email)
    elif before == "in_review" and after == "drafted":
        # They were asked for a yes or no, and may be reading.
        kind, title, whom = "voided", f"{email} was taken back from review", people.approvers
    elif after == "in_review":
        kind, title, whom = "asked", f"{email} waits for your yes or no", people.deciders(email)
    elif after == "needs_changes":
        kind, title, whom = "changes", f"Changes are asked for: {email}", people.writers(email)
    elif after == "approved" and people.in_emergency(email, change.at):
        kind, title = "emergency", f"Emergency approval: {email}"
        whom = people.approvers | people.holders | people.writers(email)
    elif after == "approved" and before == "in_review":
        kind, title, whom = "approved", f"{email} is approved", people.writers(email)
    elif after == "approved" and before == "held" and change.why.startswith(STILL_TRUE):
        # Whoever heard that it is held hears that it is so no more.
        kind, title = "approved", f"{email} is approved again: still true"
        whom = people.holders | people.writers(email)
    elif after == "cancelled" and before == "approved":
        kind, title = "voided", f"{email} was approved and is cancelled"
        whom = people.writers(email) | people.who_approved(email)
    elif after == "held":
        whom = people.holders | people.writers(email) | (people.approver(email) if before == "approved" else set())
        if email.send_at is not None and email.send_at <= change.at:
            thing, kind, title = _missed(email), "missed", f"{email} missed its time"
        else:
            kind, title = "held", f"{email} is held"
    elif after == "paused":
        kind, title = "held", f"{email} was paused in mid-send"
        whom = people.holders | people.senders | people.writers(email)
    else:
        return None
    return Telling(thing, kind, title, _said(change), change.at, frozenset(whom - {change.by_id}), email)


def _of_campaign(change: Transition, people: People) -> Telling | None:
    if change.after != "held" or change.campaign is None:
        return None
    owner = change.campaign.owner_id
    whom = people.holders | ({owner} if owner is not None else set())
    return Telling(
        f"change:{change.pk}", "held", f"The campaign of {change.campaign} is held", _said(change), change.at,
        frozenset(whom - {change.by_id}), campaign_id=change.campaign_id,
    )  # fmt: skip


def _said(change: Transition) -> str:
    if change.by is None:
        return change.why
    who = change.by.get_full_name() or change.by.get_username()
    return f"{who}: {change.why}" if change.why else f"By {who}."


def _near(now: dt.datetime) -> list[CampaignEmail]:
    """E-mails that would not go out and whose time comes within a day, or passed lately.

    Without an approval, or approved in a held campaign. `came_from` is the state before.
    """
    moves = Transition.objects.filter(email=OuterRef("pk"), what="email").order_by("-pk")
    return list(
        CampaignEmail.objects.filter(
            Q(campaign__state="held") | ~Q(state="approved"),
            state__in=states.UNSENT,
            campaign__state__in=["active", "held"],
            send_at__gt=now - MISSED_FOR,
            send_at__lte=now + max(WINDOWS),
        )
        .annotate(came_from=Subquery(moves.values("before")[:1]))
        .select_related("campaign__release__product")
        .order_by("send_at", "pk")
    )


def _missed(email: CampaignEmail) -> str:
    return f"missed:{email.pk}:{email.send_at:%Y%m%d%H%M}"


def _of_time(email: CampaignEmail, people: People, now: dt.datetime) -> Telling | None:
    """24 hours and 2 hours before a time without an approval, and after it when it can no longer be approved."""
    assert email.send_at is not None  # noqa: S101 - the query says so
    whom = {"in_review": people.deciders(email) | people.writers(email), "held": people.holders}.get(email.state)
    whom = people.writers(email) if whom is None else whom
    if email.campaign.state == "held":
        return _of_time_in_held_campaign(email, people, now)
    if email.send_at <= now:
        if email.state == "held" or email.send_at + email.late_after > now:
            return None  # the change to held was told of, or it may still be approved
        words = f"It was {email.get_state_display().lower()} when its time passed. Choose a new time, or cancel it."
        whom = whom | people.holders
        return Telling(_missed(email), "missed", f"{email} missed its time", words, now, frozenset(whom), email)
    window = next(window for window in WINDOWS if email.send_at - now <= window)
    told = email.state in _TOLD or getattr(email, "came_from", "") == "approved"
    if told and email.state_since > email.send_at - window:
        return None  # that it came here was told of, with less time to go than this would say
    hours = int(window.total_seconds() // 3600)
    words = f"It is {email.get_state_display().lower()}. Without an approval it does not go out."
    return Telling(
        f"slot:{email.pk}:{email.send_at:%Y%m%d%H%M}:{hours}", "slot",
        f"{email} goes out in less than {hours} hours and is not approved", words, now, frozenset(whom), email,
    )  # fmt: skip


def _of_time_in_held_campaign(email: CampaignEmail, people: People, now: dt.datetime) -> Telling | None:
    """The same for a mail that its held campaign keeps back, whatever its own state."""
    assert email.send_at is not None  # noqa: S101 - the query says so
    whom = frozenset(people.holders | people.writers(email))
    reason = f"Its campaign is held: {email.campaign.hold_reason}"
    if email.send_at <= now:
        if email.send_at + email.late_after > now:
            return None  # let go on now, it may still go out
        return Telling(_missed(email), "missed", f"{email} missed its time", reason, now, whom, email)
    window = next(window for window in WINDOWS if email.send_at - now <= window)
    hours = int(window.total_seconds() // 3600)
    return Telling(
        f"slot:{email.pk}:{email.send_at:%Y%m%d%H%M}:{hours}", "slot",
        f"{email} is to go out in less than {hours} hours and its campaign is held", reason, now, whom, email,
    )  # fmt: skip


def _of_comments(comments: Iterable[Comment], people: People, told: Iterable[Telling]) -> list[Telling]:
    """Mentions of colleagues. A comment that came with a decision is part of it: who is told of that is told once."""
    said = {comment.pk: mentions.spelled(comment.body) for comment in comments}
    names = {name for found in said.values() for spelled in found for name in mentions.readings(spelled)}
    if not names:
        return []
    known = people.named(names)
    found = []
    for comment in comments:
        whom = {next(filter(None, map(known.get, mentions.readings(name))), None) for name in said[comment.pk]}
        whom -= {None, comment.author_id}
        for other in told:
            if other.email is not None and other.email.pk == comment.email_id and other.at == comment.at:
                whom -= other.people
        if whom:
            who = comment.author.get_full_name() or comment.author.get_username() if comment.author else "Somebody"
            found.append(
                Telling(
                    f"mention:{comment.pk}", "mention", f"{who} mentioned you at {comment.email}", comment.body,
                    comment.at, frozenset(pk for pk in whom if pk is not None), comment.email,
                )
            )  # fmt: skip
    return found


def _write(told: list[Telling]) -> int:
    pairs = {(pk, telling.thing) for telling in told for pk in telling.people}
    if not pairs:
        return 0
    known = set(Notice.objects.filter(thing__in={thing for _, thing in pairs}).values_list("user_id", "thing"))
    choices = {
        (user_id, kind): how
        for user_id, kind, how in NoticeChoice.objects.filter(user__in={pk for pk, _ in pairs}).values_list(
            "user_id", "kind", "how"
        )
    }
    rows = []
    for telling in told:
        for pk in sorted(telling.people):
            how = choices.get((pk, telling.kind), How.NOW) if telling.kind not in ALWAYS else How.NOW
            if (pk, telling.thing) in known or how == How.OFF:
                continue
            known.add((pk, telling.thing))
            rows.append(_row(telling, pk, how))
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return len(rows)


def _row(telling: Telling, user_id: int, how: str) -> Notice:
    return Notice(
        user_id=user_id, thing=telling.thing, kind=telling.kind, title=_line(telling.title)[:300],
        words=_line(telling.words)[:600], at=telling.at, email=telling.email,
        campaign_id=telling.email.campaign_id if telling.email else telling.campaign_id, how=how,
        mail=Notice.Mail.NONE if how == How.PAGE else Notice.Mail.WAITING,
    )  # fmt: skip


def _line(text: str) -> str:
    """Text of people and of Jira in one line: it becomes the subject of a mail."""
    return " ".join(text.split())
