"""The words of a snapshot's issues, kept in the database, so that the first check of a process is as quick as the next.

Taking three hundred issues apart takes longer than a person waits for a save; looking them up does not.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import lru_cache

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery

from campaigns.drafting import grounding
from campaigns.drafting.facts import Facts
from campaigns.drafting.models import SourceIndex
from campaigns.drafting.sources import source_text, stems_of
from campaigns.drafting.stems import stems_of as stems_of_text
from releases.models import Snapshot

MOST_PER_TICK = 20
#: Words that the rules of stemming treat in different ways: when one comes out otherwise, old rows do not fit.
_PROBE = (
    "Removing several faulty settings quickly; Bibliotheken 导入联系人 camelCase snake_case settings' reused aliases "
    "kept listed; validated conversions of a rotation, availability > 3, skipped downloads broke activity isn't"
)


def checker(facts: Facts) -> grounding.Checker:
    """The checker of some facts: kept in this process, else from the kept words, else made anew."""
    return _checker(facts)


@lru_cache(maxsize=32)
def _checker(facts: Facts) -> grounding.Checker:
    row = SourceIndex.objects.filter(digest=digest_of(facts)).only("stems").first()
    judge = grounding.Checker(facts, row.stems if row else None)
    # The job of the mail asks for it too, and would make it anew.
    grounding.keep(judge)
    return judge


def digest_of(facts: Facts) -> str:
    """SHA-256 in hex of all texts that are taken apart, and of what the rules make of a probe."""
    whole = hashlib.sha256(_rules().encode())
    for issue in facts.citable.values():
        whole.update(f"{issue.key}\0{source_text(issue)}\0".encode())
    return whole.hexdigest()


@lru_cache(maxsize=1)
def _rules() -> str:
    return " ".join(stems_of_text(_PROBE))


def prepare(snapshot: Snapshot, now: dt.datetime) -> None:
    """Keep the words of a snapshot. Safe to run twice at once."""
    facts = Facts.from_json(snapshot.facts)
    row = SourceIndex(snapshot=snapshot, digest=digest_of(facts), stems=stems_of(facts), made_at=now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        SourceIndex.objects.filter(snapshot=snapshot).update(digest=row.digest, stems=row.stems, made_at=now)


def prepare_due(now: dt.datetime) -> int:
    """Keep the words of the newest snapshot of every release with an active campaign; older ones are dropped.

    Returns how many were made. One query when nothing is new.
    """
    of_release = Snapshot.objects.filter(release=OuterRef("release")).order_by("-number")
    newest = Snapshot.objects.filter(release__campaign__state="active", pk=Subquery(of_release.values("pk")[:1]))
    missing = newest.exclude(pk__in=SourceIndex.objects.values("snapshot"))
    made = 0
    for snapshot in missing.order_by("pk")[:MOST_PER_TICK]:
        prepare(snapshot, now)
        older = SourceIndex.objects.filter(snapshot__release=snapshot.release_id, snapshot__number__lt=snapshot.number)
        older.delete()
        made += 1
    return made
