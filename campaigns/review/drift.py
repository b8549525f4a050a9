"""What Jira changed under an e-mail since its facts were frozen, as far as its own sentences are touched.

That an unreleased version became released, or that an issue nobody mentions moved, changes nothing in the mail.
A cited issue that went, was kept back or says something else does; so does a release date that the text names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from campaigns.drafting.dates import dates
from campaigns.drafting.facts import Facts
from campaigns.drafting.text import DraftText
from campaigns.review import diff


@dataclass(frozen=True)
class Drift:
    """One changed fact and the sentence that rests on it. `block` may also be "subject", "preheader" or "mail".

    Of a note or a summary that changed, `was` and `now` are the words themselves.
    """

    block: str
    index: int
    text: str
    key: str
    message: str
    was: str = ""
    now: str = ""


@dataclass(frozen=True)
class ChangedFact:
    """One changed fact as the page tells it: once, with the words that changed and every sentence that rests on it."""

    message: str
    words: tuple[diff.Run, ...]
    sentences: list[Drift]


def by_fact(found: Iterable[Drift]) -> list[ChangedFact]:
    """The changes, each fact once, in the order in which their first sentences stand in the mail."""
    facts: dict[tuple[str, str, str], list[Drift]] = {}
    for each in found:
        facts.setdefault((each.message, each.was, each.now), []).append(each)
    return [ChangedFact(said, diff.excerpt(diff.words(was, now)), rows) for (said, was, now), rows in facts.items()]


def between(text: DraftText, before: dict[str, Any], after: dict[str, Any], *, shown: str = "") -> list[Drift]:
    """The changes from one snapshot's facts to another's that touch this text.

    Args:
        shown: the whole mail as readers see it, for the dates and versions that the template itself puts in.
    """
    old, new = Facts.from_json(before), Facts.from_json(after)
    found = [*_issues(text, old, new), *_release(_places(text), old, new)]
    return found or list(_release([("mail", 0, shown)], old, new))


def _issues(text: DraftText, old: Facts, new: Facts) -> Iterator[Drift]:
    for block, index, sentence in text.sentences():
        for key in sentence.keys:
            change = _change(key, old, new)
            if change:
                yield Drift(block, index, sentence.text, key, *change)


def _change(key: str, old: Facts, new: Facts) -> tuple[str, ...]:
    """What became of an issue, and of changed words those before and after; empty when nothing did."""
    was, now = old.citable.get(key), new.citable.get(key)
    if said := _place(key, old, new):
        return (said,)
    if was is None or now is None:
        return ()  # it was never a fact; that is a finding of the grounding check, not drift
    if was.note != now.note:
        return f"The release note of {key} changed.", was.note, now.note
    if was.summary != now.summary:
        return f"The summary of {key} changed.", was.summary, now.summary
    if was.done and not now.done and was.status != now.status:
        return (f"{key} was reopened: it was {was.status or 'done'} and is {now.status or 'open'} now.",)
    return (f"{key} was {was.kind} and is {now.kind} now.",) if was.kind != now.kind else ()


def _place(key: str, old: Facts, new: Facts) -> str:
    """Where an issue went that is no longer among the same facts; "" when it is, or never was."""
    if key in old.problems_by_key and key not in new.problems_by_key:
        if key in new.by_key:
            return f"{key} was a known problem and is part of the release now."
        if key not in new.excluded_by_key:
            return f"{key} is a known problem no longer: it was closed, or does not name this version any more."
    if key in old.by_key and key in new.problems_by_key:
        return f"{key} is open and a known problem now, no longer part of what the release brings."
    if key not in old.citable or key in new.citable:
        return ""
    excluded = new.excluded_by_key.get(key)
    if excluded:
        return f"{key} is kept out now: {excluded.reason.rstrip('.')}."
    return f"{key} is no longer part of the release."


def _places(text: DraftText) -> list[tuple[str, int, str]]:
    places = [("subject", 0, text.subject), ("preheader", 0, text.preheader)]
    return places + [(block, index, sentence.text) for block, index, sentence in text.sentences()]


def _release(places: list[tuple[str, int, str]], old: Facts, new: Facts) -> Iterator[Drift]:
    for block, index, words in places:
        if old.version and old.version != new.version and old.version in words:
            yield Drift(block, index, words, "", f"The release is called {new.version} now, no longer {old.version}.")
        if old.release_date and old.release_date != new.release_date:
            named = [day for day in dates(words) if day.fits(old.release_date)]
            if named and not (new.release_date and any(day.fits(new.release_date) for day in dates(words))):
                moved = f"moved to {new.release_date:%d %B %Y}" if new.release_date else "was taken away"
                yield Drift(block, index, words, "", f'The release date {moved}; the text says "{named[0].quote}".')
