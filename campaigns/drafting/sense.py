"""What cannot be proved letter by letter: few shared words, a better source, promises, names, the opposite."""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaigns.drafting import (
    additions,
    bounds,
    clauses,
    conditions,
    contraries,
    defaults,
    kinship,
    lifetimes,
    limits,
    opposites,
    relations,
    slots,
    summaries,
)
from campaigns.drafting.facts import Issue
from campaigns.drafting.findings import WARNING, Reporter, shortened
from campaigns.drafting.languages import language
from campaigns.drafting.literal import COUNTED
from campaigns.drafting.promises import HARD, Claim, claims
from campaigns.drafting.sources import CALENDAR, Sources
from campaigns.drafting.stems import STOP_WORDS, content_stems, stem
from campaigns.drafting.tokens import PLACEHOLDER, WORD

LEAST_COVER = 0.45
BETTER_BY = 0.15
MOST_SOURCES = 3
# Words that people write in capitals for their weight, and that name nothing.
_EMPHASIS = frozenset(("not", "no", "all", "and", "or", "now", "new", "never", "only", "must"))


def check(text: str, known: list[str], say: Reporter, sources: Sources) -> None:
    """What cannot be proved letter by letter: cover, better source, promises, the opposite."""
    if say.findings:
        return  # one clear fault says more than several guesses
    named = " and ".join(known)
    source_texts = [sources.texts[key] for key in known]
    if crosses(text, known, sources):
        return  # told once for the whole mail
    cover = sources.cover(text, known)
    other, _ = sources.best_other(text, known, least=max(0.5, cover + BETTER_BY))
    if other:
        say(
            WARNING,
            "better_source",
            f"{other} ({sources.facts.citable[other].summary}) fits this sentence better than {named}.",
            key=other,
        )
    elif (
        cover < LEAST_COVER
        and len(_strange(text, known, sources)) > 1
        and sources.covered(additions.without_pointers(text), known) < LEAST_COVER
    ):
        say(WARNING, "cover", f"Little of this is in {named}. Say it closer to the issue, or cite the right one.")
    else:
        added = _added(text, known, sources)
        if added:
            say(WARNING, "cover", f"Nothing of “{shortened(added)}” is in {named}.", quote=added)
    claim = promised(text, known, sources)
    if claim:
        what = f"Nothing in {named} is “{claim.word}”" if claim.family in HARD else ""
        what = what or f"“{claim.word}” is a promise that {named} does not make"
        say(WARNING, "claim", f"{what}.", quote=claim.word)
    name = _strange_name(text, known, sources)
    if name:
        say(WARNING, "name", f"“{name}” is not mentioned in {named}.", quote=name)
    told_against = contraries.reversed_clause(
        defaults.without(text, "\n".join(source_texts)),
        [part for key in known for part in sources.statements(key)],
        idle=sources.record.stems,
        open_ended="\n".join(part for key in known for part in _either_way(sources.facts.citable[key])),
    )
    if defaults.exchanged(text, "\n".join(source_texts)):
        say(WARNING, "polarity", f"What is on and what is off by default seems to be exchanged against {named}.")
    elif told_against:
        say(
            WARNING,
            "polarity",
            f"This seems to say the opposite of {named}: “{shortened(told_against[1])}”.",
            quote=told_against[0],
        )
    else:
        _turned_round(text, known, say, sources)
    version = next(
        filter(None, (conditions.dropped_version(text, source, sources.facts.version) for source in source_texts)), ""
    )
    if version:
        say(
            WARNING,
            "condition",
            f"{named} says this of {version} only, not of {sources.facts.version}.",
            quote=version,
        )


def _either_way(issue: Issue) -> list[str]:
    """What an issue says that may tell what was as well as what is to be."""
    summary = [issue.summary] if summaries.may_be_fault(issue.summary, kind=issue.kind) else []
    return [*summary, *(contraries.went_wrong(issue.note) if issue.kind in ("fix", "security") else ())]


def crosses(text: str, known: list[str], sources: Sources) -> bool:
    """Whether a sentence and its sources are in different languages, so that their words cannot be compared."""
    said, told = language(text), language("\n".join(sources.texts[key] for key in known))
    return bool(said and told and said != told)


def _turned_round(text: str, known: list[str], say: Reporter, sources: Sources) -> None:
    """Further ways to say the opposite: a fault told as a fact, a word for its counterpart, new for old."""
    for key in known:
        issue = sources.facts.citable[key]
        if key in sources.facts.problems_by_key:
            continue  # it holds as it stands
        fault = summaries.tells_fault(issue.summary, kind=issue.kind)
        if fault and summaries.repeats_fault(text, issue.summary):
            say(WARNING, "polarity", f"{key} reports this as a fault. Say that it is fixed.", key=key)
            return
    source = "\n".join(sources.texts[key] for key in known)
    told = [part for key in known for part in sources.statements(key)]
    wishes = "\n".join(statement for statement, fault in told if not fault)
    faults = "\n".join(statement for statement, fault in told if fault)
    described = [
        issue.description
        for issue in (sources.facts.by_key[key] for key in known if key in sources.facts.by_key)
        if not summaries.tells_fault(issue.summary, kind=issue.kind)
    ]
    pair = (
        relations.exchanged(text, source)
        or slots.number_of_another(text, source)
        or opposites.mixed_up(text, source, fault=faults)
        or opposites.changed_over(text, wishes, source)
        or opposites.other_occasion(text, faults, source)
        or opposites.preferred(text, wishes)
        or bounds.other_side(text, source)
        or bounds.other_default(text, source)
        or bounds.widened(text, source)
        or bounds.forbidden(text, wishes)
        or bounds.exchanged(text, wishes)
        or lifetimes.other_one_hit(text, source)
        or lifetimes.other_kind(text, source)
        or lifetimes.other_fault(text, faults)
        or limits.widened(text, "\n".join(statement for statement, _ in told))
        or limits.overrun(text, wishes.split("\n"), idle=sources.record.stems)
    )
    held = frozenset[str]().union(*(sources.wording[key].stems for key in known)) | sources.record.stems
    other = relations.other_thing(text, source, held) or slots.taken(text, source, held)
    if pair:
        say(
            WARNING,
            "mixed_up",
            f"The sentence says “{shortened(pair[0])}”, {' and '.join(known)} says “{shortened(pair[1])}”.",
            quote=pair[0],
        )
    elif opposites.exchanged(text, "\n".join([wishes, *described]), fault=faults) or opposites.left_behind(
        text, [sources.facts.citable[key].summary for key in known]
    ):
        say(WARNING, "polarity", f"What is old and what is new seems to be exchanged against {' and '.join(known)}.")
    elif lifetimes.exchanged(text, [sources.texts[key] for key in known]):
        say(
            WARNING,
            "polarity",
            f"What is removed and what is only deprecated seems to differ from {' and '.join(known)}.",
        )
    elif other:
        say(
            WARNING,
            "other_word",
            f"The sentence says “{other[0]}” where {' and '.join(known)} says “{other[1]}”. Check which is meant.",
            quote=other[0],
        )


def idle(text: str, known: list[str], say: Reporter, sources: Sources) -> None:
    """Issues that are cited and bear nothing: with enough of them every sentence would seem to rest on some."""
    if len(known) < 2 or say.findings:
        return
    if len(known) > MOST_SOURCES:
        say(
            WARNING,
            "sources",
            f"This sentence rests on {len(known)} issues at once, which nobody can compare. Please split it.",
        )
        return
    telling = sources.telling(text)
    for key in known:
        if telling and not telling & sources.wording[key].stems:
            say(WARNING, "sources", f"{key} adds nothing to this sentence. Take the key out.", key=key)


def _strange(text: str, known: list[str], sources: Sources) -> set[str]:
    """The telling stems of a sentence that no source has."""
    return sources.telling(additions.without_pointers(text)) - _held(text, known, sources) - kinship.LIGHT


_INNER_CAPITAL = re.compile(r"\b[A-Za-z]+[a-z][A-Z]\w*")


def _held(text: str, known: list[str], sources: Sources) -> frozenset[str]:
    """The stems of the sources, with those of a name that they write in one word and the text with a capital inside."""
    stems = sources.held(text, known)
    letters = " ".join(sources.wording[key].letters for key in known)
    names = (name for name in _INNER_CAPITAL.findall(text) if name.lower() in letters)
    return stems.union(*(content_stems(name) for name in names))


def _added(text: str, known: list[str], sources: Sources) -> str:
    """A part of a sentence, or one of two things named together, of which the sources have nothing."""
    held = _held(text, known, sources)
    text = additions.without_pointers(defaults.without(text, "\n".join(sources.texts[key] for key in known)))
    for place, part in enumerate(additions.pieces(text)):
        telling = sources.telling(part)
        strange = telling - held
        if (
            len(strange) >= 2
            and strange - kinship.LIGHT
            and (strange == telling or (place and len(strange) > len(telling) - len(strange)))
        ):
            return part.strip()
    for told, purpose in additions.benefits(text):
        telling = sources.telling(told)
        strange = telling - held
        # A purpose often says in other words what is done; what else comes of it seldom does.
        if len(strange) >= 2 and strange - kinship.LIGHT and 2 * len(strange) >= len(telling) + purpose:
            return told
    parts = clauses.clauses(text)
    for clause in parts if len(parts) > 1 else ():
        telling = sources.telling(clause.text)
        strange = telling - held
        if len(strange) >= 2 and strange - kinship.LIGHT and 3 * len(strange) >= 2 * len(telling):
            return clause.text
    for predicate in additions.further_predicates(text):
        telling = sources.telling(predicate)
        if telling - kinship.LIGHT and not telling & held:
            return predicate
    plain = frozenset[str]().union(*(sources.wording[key].stems for key in known)) | sources.abbreviated(text, known)
    for gone in additions.said_to_be_over(text):
        if not sources.telling(gone) & held:
            return gone
    for first, second in additions.pairs(text):
        one, other = sources.telling(first), sources.telling(second)
        if one and other and one <= plain and not other & held:
            return second
        if one and other and other <= plain and not one & held:
            return first
    return ""


def promised(text: str, known: list[str], sources: Sources) -> Claim | None:
    """The first promise of a sentence, or hard thing that it says, which no source bears out."""
    return next(_unborne(text, known, sources), None)


def promises(text: str, known: list[str], sources: Sources) -> str:
    """The word of a sentence that promises what no source does, or ""."""
    return next((claim.word for claim in _unborne(text, known, sources) if claim.family not in HARD), "")


def _unborne(text: str, known: list[str], sources: Sources) -> Iterator[Claim]:
    told = sources.promised("").union(*(sources.promised(key) for key in known))
    source = " ".join(sources.texts[key].lower() for key in known)
    return (
        claim for claim in claims(COUNTED.sub(" ", text)) if claim.family not in told
        # "The Free plan" is what the issue calls it.
        and not (" " in claim.word and claim.word.lower() in source)
    )  # fmt: skip


def _strange_name(text: str, known: list[str], sources: Sources) -> str:
    """A name in mid-sentence that no source mentions. German writes every noun like a name, so not there."""
    if language(text) == "de":
        return ""
    letters = " ".join(sources.wording[key].letters for key in known) + " " + sources.record.letters
    stems = frozenset[str]().union(*(sources.wording[key].stems for key in known))
    short, kin = sources.abbreviated(text, known), kinship.related(frozenset(sources.telling(text)), stems)
    for match in re.finditer(r"(?<=[a-z0-9,)] )[A-Z][\w+#]{2,}", PLACEHOLDER.sub(" ", text)):
        word = match[0].lower()
        shouted = match[0].isupper() and word not in _EMPHASIS
        if word in letters or stem(word) in stems or word in CALENDAR or (word in STOP_WORDS and not shouted):
            continue
        if word in short or stem(word) in kin or any(_slip(word, told) for told in WORD.findall(letters)):
            continue
        return match[0]
    return ""


def _slip(one: str, other: str) -> bool:
    """Whether two long words differ in one letter, as when a ticket misspells a name."""
    if min(len(one), len(other)) < 8 or abs(len(one) - len(other)) > 1 or one[0] != other[0]:
        return False
    start = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    return one[start + 1 :] in (other[start:], other[start + 1 :]) or one[start:] == other[start + 1 :]
