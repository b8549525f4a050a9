"""The drafter that needs no model: it picks issues, words them by rules and fits them to the job of the mail.

What it writes has passed the same checks as everybody's text: a sentence that would be stopped is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, islice

from campaigns.drafting import (
    addressed,
    faults,
    hostile,
    known_problems,
    languages,
    moments,
    phrasing,
    smoothing,
    tokens,
)
from campaigns.drafting import timing as timings
from campaigns.drafting.facts import Facts, Issue, spoken_date
from campaigns.drafting.findings import Finding
from campaigns.drafting.grounding import Checker, checker
from campaigns.drafting.house import NO_HOUSE, House
from campaigns.drafting.jobs import JOBS
from campaigns.drafting.stems import content_stems
from campaigns.drafting.text import BLOCK_KINDS, Block, DraftText, Sentence
from campaigns.drafting.timing import Timing
from releases.kinds import may_break

NAME = "extractive"
# The words that a sentence of several breaking changes has at most: what is longer nobody reads to its end.
_LONGEST_GROUP = 60
# Steps that begin so follow what they are for.
_ORDERS = tokens.words(
    "add adapt call change choose configure convert install migrate move open pass please remove rename replace "
    "request run select set switch update upgrade use"
)
# What comes to an end is nothing to try, whatever its note says of what to use instead.
_ENDS = re.compile(r"(?:\[[^\]]*\]\s*)?(?:deprecate|remove|drop|discontinue|retire|disable|end)\b", re.I)
_LEANS = re.compile(r"\b(?:instead|it|its|them|their|this(?! release\b)|these|those|one|first|both)\b", re.I)
_GROUPED = "Further changes that you may rely on"

# How many issues of news and of fixes a mail takes at most.
_SHARES = {"announcement": (4, 4), "reminder": (0, 0), "release_day": (5, 5), "follow_up": (4, 3)}
_MOST_PROBLEMS = 3
_CHORE = re.compile(
    r"^(?:bump|upgrade|update|move to|migrate)\b|\b(?:dependenc\w+|librar\w+|plugin|refactor\w*|clean ?up)\b", re.I
)


def draft(facts: Facts, step: str, house: House = NO_HOUSE, *, timing: Timing | None = None) -> DraftText:
    """The e-mail of one step ("announcement", "reminder", "release_day", "follow_up"), always in English.

    `timing` says what is true when it goes out; without it that is what its step wants.

    Raises ValueError for an unknown step. Works with any facts, also with no issue and no date.
    """
    if step not in JOBS:
        raise ValueError(f"unknown step {step!r}; one of {', '.join(JOBS)}")
    timing = timing or timings.usual(facts, step)
    writer = _Writer(facts, step, house, timing)
    blocks = {
        "intro": writer.intro(),
        "highlights": writer.told(("feature", "improvement", "other"), _SHARES[step][0]),
        "breaking": writer.breaking(),
        # A hole is told when clients can close it.
        "fixes": writer.told(("fix",) if JOBS[step].before_the_day else ("fix", "security"), _SHARES[step][1]),
        "problems": writer.problems(),
        "action": writer.action(),
        "closing": writer.closing(),
    }
    text = DraftText(
        subject=_subject(writer.name, facts, step, timing),
        preheader=_preheader(facts, step, timing),
        blocks=tuple(Block(kind, tuple(blocks[kind])) for kind in BLOCK_KINDS if blocks[kind]),
    )
    text = writer.with_steps_beside_changes(writer.shortened(text))
    return writer.in_words_of_the_house(_fitted(text, step, writer.spare()))


def told_of(issue: Issue, block: str, facts: Facts, step: str, house: House, *, timing: Timing) -> list[Sentence]:
    """All that may be told of one issue, in the words and the tense of a mail: its note, else one sentence."""
    return _Writer(facts, step, house, timing).whole(issue, block)


def left_out(facts: Facts) -> tuple[str, ...]:
    """Keys of issues whose words are in another language, so that the rules cannot tell of them."""
    return tuple(issue.key for issue in facts.issues if languages.is_foreign(f"{issue.summary} {issue.note}"))


class _Writer:
    """Writes the parts of one mail."""

    def __init__(self, facts: Facts, step: str, house: House, timing: Timing) -> None:
        self.facts = facts
        self.house = house
        self.step = step
        self.timing = timing
        self.name = hostile.spoken_name(facts, house.hosts)
        self.late = timings.is_late(timing, step)
        self.tense = phrasing.PRESENT if timing.out else phrasing.FUTURE
        self.check: Checker = checker(facts)
        # Whether clients rely on what ends there nobody has said yet.
        self.undecided = any(may_break(issue, issue.kind) for issue in facts.issues)
        self._also = False

    def intro(self) -> list[Sentence]:
        """What happens and when, then how much of it."""
        name, day = self.name, self.timing.day
        if not self.timing.out:
            unknown = (
                "will be released soon" if self.step == "reminder" else "is planned and its release date will follow"
            )
            first = f"{name} will be released on {spoken_date(day)}." if day else f"{name} {unknown}."
        elif self.timing.today:
            first = f"{name} is available from today."
        elif day:
            first = f"{name} has been available since {spoken_date(day)}."
        else:
            some_days = self.step == "follow_up" and self.facts.release_date is None
            first = f"{name} has been available for some days." if some_days else f"{name} is available."
        sentences = [Sentence(first)]
        counted = self._counted()
        if counted and self.step != "reminder":
            verb = "It brought" if self.step == "follow_up" else "It brings" if self.timing.out else "It will bring"
            sentences.append(Sentence(f"{verb} {counted}."))
        return sentences

    def told(self, kinds: tuple[str, ...], most: int) -> list[Sentence]:
        """Sentences about the issues of some kinds, the most telling first."""
        if not most:
            return []
        found: list[Sentence] = []
        self._also = False
        for issue in sorted(self.facts.of_kind(*kinds), key=self._interest):
            if languages.is_foreign(f"{issue.summary} {issue.note}"):
                continue  # words of another language in an English mail help nobody
            sentence = self._sentence(issue)
            if sentence and not any(_alike(sentence, other) for other in found):
                found.append(sentence)
            if len(found) == most:
                break
        return found

    def problems(self) -> list[Sentence]:
        """What is known not to work, in the mail whose job that is."""
        if self.step != "follow_up":
            return []
        found: list[Sentence] = []
        for issue in sorted(self.facts.problems, key=lambda one: (not one.note, len(one.summary) > 110)):
            clean = _cleaned(issue, self.house)
            if languages.is_foreign(f"{clean.summary} {clean.note}"):
                continue
            wordings = (Sentence(text, (issue.key,)) for text in phrasing.open_problem(clean))
            fitting = [one for one in wordings if len(one.text.split()) <= phrasing.LONGEST]
            told = next((one for one in fitting if self._passes(one, known_problems.BLOCK)), None)
            if told and not any(_alike(told, other) for other in found):
                found.append(told)
            if len(found) == _MOST_PROBLEMS:
                break
        return found

    def breaking(self) -> list[Sentence]:
        """Every breaking change, where the job of the mail wants them."""
        if not JOBS[self.step].names_breaking:
            return []
        found = []
        for issue in self.facts.of_kind("breaking"):
            foreign = languages.is_foreign(f"{issue.summary} {issue.note}")
            found.append((None if foreign else self._sentence(issue, block="breaking")) or self._something(issue))
        return found

    def shortened(self, text: DraftText) -> DraftText:
        """A mail with many breaking changes: news goes first, then the last changes are told together in few words."""
        longest = JOBS[self.step].longest
        if self.step == "reminder":
            return self._with_fewer_steps(text, longest)
        for kind in ("fixes", "highlights"):
            while text.word_count() > longest and text.block("breaking") and text.block(kind):
                text = text.with_block(kind, text.block(kind)[:-1])
        told, together = list(text.block("breaking")), list[Issue]()
        while text.word_count() > longest and len(told) > 1:
            together.insert(0, self.facts.by_key[told.pop().keys[0]])
            text = text.with_block("breaking", [*told, *self._together(together)])
        if text.word_count() > longest:
            text = text.with_block("intro", text.block("intro")[:1])
        if text.word_count() > longest and self.step == "announcement":
            text = text.with_block("action", [*text.block("action")[:-1], Sentence("Please plan time for the update.")])
        return text

    def with_steps_beside_changes(self, text: DraftText) -> DraftText:
        """Each required step right behind the change that asks for it: "What to prepare" says what to do."""
        if not text.block("breaking"):
            return text
        steps = [line for line in text.block("action") if line.keys]
        placed: list[Sentence] = []
        for line in text.block("breaking"):
            own = [step for step in steps if step.keys == line.keys and step not in placed]
            # A step that says the change once more, because it leans on it, takes its place.
            repeats = any(_says_again(step, line) for step in own)
            placed += own if repeats else [line, *own]
        placed += [step for step in steps if step not in placed]
        ask = [line for line in text.block("action") if not line.keys]
        return text.with_block("breaking", placed).with_block("action", ask)

    def _together(self, issues: list[Issue]) -> list[Sentence]:
        """Breaking changes as lists of topics; each that may not be named so keeps a sentence of its own."""
        lists: list[tuple[list[str], list[str]]] = []
        alone = []
        for issue in issues:
            topic = (
                phrasing.clean_summary(_cleaned(issue, self.house).summary, issue.key).rstrip(".!?").replace("!", "")
            )
            sentence = Sentence(f"{_GROUPED}: {topic}.", (issue.key,))
            if not topic or "?" in topic or languages.is_foreign(topic) or not self._passes(sentence, "breaking"):
                alone.append(self._something(issue))
                continue
            words = sum(len(known.split()) for known in lists[-1][0]) if lists else _LONGEST_GROUP
            if words + len(topic.split()) > _LONGEST_GROUP:
                lists.append(([], []))
            lists[-1][0].append(topic)
            lists[-1][1].append(issue.key)
        return [*(Sentence(f"{_GROUPED}: {'; '.join(topics)}.", tuple(keys)) for topics, keys in lists), *alone]

    def _with_fewer_steps(self, text: DraftText, longest: int) -> DraftText:
        """A reminder names the steps that it has room for; the announcement had them all."""
        further = Sentence("Our first message about this release names the further steps.")
        steps, ask = list(text.block("action"))[:-1], text.block("action")[-1]
        if text.word_count() <= longest or len(steps) < 2:
            return text
        while len(steps) > 1 and text.word_count() + len(further.text.split()) > longest:
            steps.pop()
            text = text.with_block("action", [*steps, ask])
        return text.with_block("closing", [further, *text.block("closing")])

    def _something(self, issue: Issue) -> Sentence:
        """That there is a breaking change, when none of its own words may go out; where, if that may be said."""
        for component in issue.components[:1]:
            sentence = Sentence(f"Something changes that you may rely on: {component}.", (issue.key,))
            if self._passes(sentence, "breaking"):
                return sentence
        return Sentence("Something changes that you may rely on.", (issue.key,))

    def action(self) -> list[Sentence]:
        """The steps that breaking changes ask for, then the one call to action of the mail."""
        breaking = self.facts.of_kind("breaking")
        steps = []
        if self.step != "follow_up":
            named = [(issue, next(iter(self._steps(issue)), None)) for issue in breaking]
            steps = [sentence for _, sentence in named if sentence]
            keys = tuple(issue.key for issue, sentence in named if sentence is None)
            if keys:
                steps.append(Sentence("Before you update, check whether you use what changes here.", keys))
        name = self.name
        # Who has to do something first does not update whenever it suits.
        asked = "take the steps above, then update" if steps else f"update to {name}"
        if not steps and not self.undecided:
            asked += " when it suits you"
        now = f"Please {asked}."
        if self.late:
            return [*steps, Sentence(now)]
        ask = {
            "announcement": "Please plan time for the update, and tell us if the date does not suit you."
            if self.facts.release_date else "Please plan time for the update.",
            "reminder": "Please take the steps above before the update." if steps
            else "Please check that you are ready for the update.",
            "release_day": now,
            "follow_up": "Please tell us how the update went: a reply to this e-mail is enough.",
        }[self.step]  # fmt: skip
        return [*steps, Sentence(ask)]

    def closing(self) -> list[Sentence]:
        """How it goes on."""
        if self.late:
            return [Sentence("If you have questions, reply to this e-mail and a person will answer.")]
        return [Sentence({
            "announcement": "We will send a reminder shortly before the release.",
            "reminder": "We will write again on the day of the release.",
            "release_day": "If you have questions, reply to this e-mail and a person will answer.",
            "follow_up": "Thank you for your time.",
        }[self.step])]  # fmt: skip

    def spare(self) -> list[Sentence]:
        """Further closing lines, true of every release, for a mail that would be too short.

        They ask and never promise: what a company does for whom who replies, nobody has told relmail.
        """
        step = "release_day" if self.late else self.step
        once_more = (
            "If something about the update is not clear to you, please tell us by a reply to this e-mail.",
            "Please read this e-mail once more shortly before you start the update.",
            "Please read the changes above before you choose the day of the update.",
        )
        # A step that is asked for leaves nobody the choice of the day.
        bound = (bool(self.facts.of_kind("breaking")) or self.undecided) and step != "follow_up"
        idle = ("when it suits you.", *(("nothing more is required before the day of the release.",) * self.undecided))
        return [Sentence(line) for line in {
            "announcement": (
                "If you have questions before then, reply to this e-mail and a person will answer.",
                "On the day of the release we will write again and tell you what is new.",
                "If this mail should reach other people in your team as well, please tell us.",
                "You can update on the day itself or later, when it suits you.",
                "This is our first message about this release.",
                *once_more,
            ),
            "reminder": (
                "If you have questions, reply to this e-mail and a person will answer.",
                "If you are ready, nothing more is required before the day of the release.",
                "If the date does not suit you, please tell us by a reply to this e-mail.",
                "This reminder contains nothing new: the changes are in our first message about this release.",
            ),
            "release_day": (
                "We hope that the update works well for you.",
                "If something does not work after the update, please tell us by a reply to this e-mail.",
                "In some days we will write once more and ask how the update went.",
                "You can update today or later, when it suits you.",
                "If this mail should reach other people in your team as well, please tell us.",
                *once_more,
            ),
            "follow_up": (
                "If something does not work since the update, please tell us by a reply to this e-mail.",
                "If you have not updated, you can still do so when it suits you.",
                "Your answer helps us to plan the next release.",
                "If something about the update is not clear to you, please tell us by a reply to this e-mail.",
                "This is our last message about this release.",
            ),
        }[step] if not (bound and line.endswith(idle))]  # fmt: skip

    def _sentence(self, issue: Issue, block: str = "highlights") -> Sentence | None:
        """The first wording of an issue that passes every check and is not too long; None when there is none."""
        subject = phrasing.ALSO if self._also else phrasing.RELEASE
        backup = None
        clean = _cleaned(issue, self.house)
        wordings: Iterable[str] = phrasing.sentences(clean, tense=self.tense, subject=subject)
        if issue.kind != "breaking":
            turned = list(
                faults.turned(
                    clean.summary,
                    self.tense,
                    key=issue.key,
                    fault=issue.kind in ("fix", "security"),
                    weakness=issue.kind == "security",
                )
            )
            # What reads as a whole clause is no order: "Sync loses notes" does not say that the release syncs.
            if turned:
                noted = phrasing.told_units(clean, tense=self.tense)
                wordings = chain(noted, turned, [phrasing.labelled(clean, tense=self.tense)])
        if self.step == "follow_up":
            used = chain.from_iterable(self._with_cause(clean, text) for text in phrasing.usage(clean))
            wordings = chain(used, phrasing.known_problems(clean), wordings)
        for wording in wordings:
            text = smoothing.smoothed(wording, f"{clean.summary}\n{clean.note}", self.tense)
            sentence = Sentence(text, (issue.key,))
            if len(text.split()) > phrasing.LONGEST or not smoothing.is_whole(text):
                continue
            if not self._passes(sentence, block) or self._misplaced(sentence):
                continue
            findings = [*self.check.check_sentence(sentence, block=block), *self._unwanted(sentence)]
            if not findings:
                # "It also" needs a sentence about the release before it.
                self._also = text.startswith(phrasing.RELEASE) and issue.kind != "breaking"
                return sentence
            if backup is None and not any(finding.blocks for finding in findings):
                backup = sentence
        self._also = False
        return backup

    def whole(self, issue: Issue, block: str) -> list[Sentence]:
        """Each sentence of an issue's note that may stand; without one, what is told of the issue in a mail."""
        clean = _cleaned(issue, self.house)
        if block == known_problems.BLOCK:
            lines = list(phrasing.open_problem(clean))
        else:
            told = phrasing.told_units(clean, tense=self.tense)
            # What leans on a sentence is told behind it, in one with it, and not once more.
            told = [line for line in told if not any(other != line and other.startswith(line[:-1]) for other in told)]
            lines = [smoothing.smoothed(line, f"{clean.summary}\n{clean.note}", self.tense) for line in told]
        found = [one for one in (Sentence(line, (issue.key,)) for line in lines) if self._passes(one, block)]
        if not found and block != known_problems.BLOCK:
            found = [one for one in [self._sentence(issue, block)] if one is not None]
        return [self._worded(one, block) for one in found]

    def _interest(self, issue: Issue) -> tuple[int, bool, int, bool, int]:
        """Sort key: in the follow-up first what its note tells how to use, or what does not work; then as ever."""
        if self.step != "follow_up":
            return (0, *_interest(issue))
        told = bool(phrasing.usage(issue) or phrasing.known_problems(issue))
        return (2 if _ENDS.match(issue.summary) else 0 if told else 1, *_interest(issue))

    def _steps(self, issue: Issue) -> Iterable[Sentence]:
        clean = _cleaned(issue, self.house)
        # "Remove the old import" as the summary says what the release does; the note may say it once more.
        change = phrasing.clean_summary(clean.summary, issue.key).lower()
        for step in phrasing.required_steps(clean):
            if step.rstrip(".").lower() == change:
                continue
            # Far from what it belongs to, a step such as "Use v2 instead" tells nobody anything.
            alone = self.step != "reminder" and not _LEANS.search(step)
            for text in [step] if alone else self._with_cause(clean, step):
                sentence = Sentence(moments.in_time(text) if self.timing.out else text, (issue.key,))
                if self._passes(sentence, "action"):
                    yield sentence

    def _with_cause(self, clean: Issue, step: str) -> Iterable[str]:
        """A step behind the sentence of its note that it follows, where it is an order and both fit; then alone."""
        notes = phrasing.note_sentences(clean)
        place = notes.index(step) if step in notes else 0
        told = phrasing.told_notes(clean, tense=self.tense)
        if not told:
            told = list(islice(phrasing.sentences(clean, tense=self.tense, subject=phrasing.RELEASE), 1))
        before = (
            smoothing.smoothed(told[max(0, place - 1)], f"{clean.summary}\n{clean.note}", self.tense) if told else ""
        )
        is_order = step.split(" ")[0].lower() in _ORDERS
        if before and before != step and is_order and before.split(" ")[0].lower() not in _ORDERS:
            text = smoothing.joined(before, step)
            if len(text.split()) <= phrasing.LONGEST:
                yield text
        yield step

    def in_words_of_the_house(self, text: DraftText) -> DraftText:
        """The mail with preferred words, in every sentence that still rests on its sources with them."""
        if not self.house.preferred:
            return text
        for block in text.blocks:
            text = text.with_block(block.kind, [self._worded(sentence, block.kind) for sentence in block.sentences])
        return text

    def _worded(self, sentence: Sentence, block: str) -> Sentence:
        worded = Sentence(self.house.worded(sentence.text), sentence.keys)
        return worded if self._passes(worded, block) else sentence

    def _unwanted(self, sentence: Sentence) -> list[Finding]:
        """Forbidden words that no preferred word takes the place of."""
        worded = Sentence(self.house.worded(sentence.text), sentence.keys)
        return self.house.check_sentence(worded, step=self.step)

    def _passes(self, sentence: Sentence, block: str) -> bool:
        found = [
            *hostile.check_sentence(sentence, self.facts, block=block, allowed_hosts=self.house.hosts),
            *self.check.check_sentence(sentence, block=block),
            *self.house.check_sentence(sentence, block=block),
        ]
        return not any(finding.blocks for finding in found)

    def _misplaced(self, sentence: Sentence) -> bool:
        """Whether a sentence still speaks of another moment, which a note in other words than most may do."""
        return any(moments.find(sentence, self.facts, self.step, out=self.timing.out))

    def _counted(self) -> str:
        """How many changes there are, such as "2 new features, 12 improvements and 40 fixes"."""
        many = [
            (len(self.facts.of_kind("feature")), "new feature", "new features"),
            (len(self.facts.of_kind("improvement")), "improvement", "improvements"),
            (len(self.facts.of_kind("fix", "security")), "fix", "fixes"),
        ]
        parts = [f"{count} {one if count == 1 else more}" for count, one, more in many if count]
        return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def _interest(issue: Issue) -> tuple[bool, int, bool, int]:
    """Sort key: what a client wants to read first. A release note says that somebody thought of the reader."""
    order = {"feature": 0, "security": 0, "improvement": 1, "fix": 1, "other": 2}.get(issue.kind, 3)
    chore = bool(_CHORE.search(phrasing.clean_summary(issue.summary, issue.key)))
    return (
        chore,
        order - 2 * bool(issue.note),
        len(issue.summary) > 110,
        len(re.findall(r"[_#()./\\]|[a-z][A-Z]", issue.summary)),
    )


def _cleaned(issue: Issue, house: House) -> Issue:
    """The issue without lines that look hostile: rules would word them as news of the release."""
    summary, note = (hostile.without_suspicious_lines(text, house.hosts) for text in (issue.summary, issue.note))
    summary, note = addressed.without_strays(summary, note, breaking=issue.kind == "breaking")
    return replace(issue, summary=summary, note=note)


def _says_again(step: Sentence, change: Sentence) -> bool:
    """Whether a step says all of a change, in another tense or with more behind it."""
    told, said = set(content_stems(change.text)), set(content_stems(step.text))
    return step.text.startswith(change.text.rstrip(".")) or (len(told) > 2 and told <= said)


def _alike(sentence: Sentence, other: Sentence) -> bool:
    return sentence.text.lower() == other.text.lower()


def _fitted(text: DraftText, step: str, spare: list[Sentence]) -> DraftText:
    """Bring the mail into the range of its step: drop the last of the longest list, or add closing lines."""
    job = JOBS[step]
    while text.word_count() > job.longest:
        droppable = [kind for kind in ("fixes", "highlights") if len(text.block(kind)) > 1]
        droppable = droppable or [kind for kind in (known_problems.BLOCK,) if len(text.block(kind)) > 1]
        if not droppable:
            break
        kind = max(droppable, key=lambda name: len(text.block(name)))
        text = text.with_block(kind, text.block(kind)[:-1])
    for line in spare:
        if text.word_count() >= job.shortest:
            break
        longer = text.with_block("closing", (*text.block("closing")[:-1], line, *text.block("closing")[-1:]))
        if longer.word_count() <= job.longest:
            text = longer
    return text


def _subject(name: str, facts: Facts, step: str, timing: Timing) -> str:
    day = facts.release_date
    spoken = spoken_date(day).rsplit(" ", 1)[0] if day else ""
    if timings.is_late(timing, step):
        step += " when it is out"
    elif step == "release_day" and not timing.today:
        step += " on another day"
    choices = {
        "announcement when it is out": [f"{name}: what changes for you", f"{name}: what changes", f"On {name}"],
        "reminder when it is out": [f"Reminder: {name} is available", f"Reminder: {name}"],
        "release_day on another day": [f"{name} is available", f"Available: {name}"],
        "announcement": [f"{name} is coming on {spoken}" if day else "", f"{name} is coming", f"Coming: {name}"],
        "reminder": [f"Reminder: {name} on {spoken}" if day else "", f"Reminder: {name} is near", f"Reminder: {name}"],
        "release_day": [f"{name} is available today", f"{name} is available", f"Available: {name}"],
        "follow_up": [f"How is {name} working for you?", f"{name}: how did it go?", f"Your view on {name}"],
    }[step]
    choices = [choice for choice in choices if choice]
    fitting = [choice for choice in choices if 20 <= len(choice) <= 50]
    # Too long whatever we do: the shortest form; too short: the longest.
    return fitting[0] if fitting else min(choices, key=lambda choice: abs(len(choice) - 35))


def _preheader(facts: Facts, step: str, timing: Timing) -> str:
    if timings.is_late(timing, step):
        return "What changes for you with this release, and what to do." if step == "announcement" else (
            "The release is there: what to do before you update, once more."
        )  # fmt: skip
    fixes, news = facts.of_kind("fix", "security"), facts.of_kind("feature", "improvement", "other")
    what = "What is new and what was fixed" if fixes and news else "What was fixed" if fixes else "What changes"
    return {
        "announcement": "What will change for you, and what to prepare before the day.",
        "reminder": "The day is near: the date once more, and what to do before it."
        if facts.release_date else "What to do before the day of the release, once more.",
        "release_day": f"{what}, and what to know before you update.",
        "follow_up": "A short look back, and a question that takes a minute to answer.",
    }[step]  # fmt: skip
