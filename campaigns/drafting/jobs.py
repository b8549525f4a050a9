"""The four e-mails and their jobs: what each one is for, its length, its tense and the words it must not have."""

from __future__ import annotations

import re
from dataclasses import dataclass

from campaigns.drafting import grounding, languages, moments, phrasing, stems
from campaigns.drafting.facts import Facts, Issue
from campaigns.drafting.findings import BLOCKING, WARNING, Finding
from campaigns.drafting.text import DraftText, Sentence


@dataclass(frozen=True)
class Job:
    """One of the four. `shortest` and `longest` are words of the body; its forbidden words are in `moments`."""

    step: str
    purpose: str
    shortest: int
    longest: int
    names_breaking: bool

    @property
    def before_the_day(self) -> bool:
        """Whether it goes out when nobody can install the release yet."""
        return self.step in ("announcement", "reminder")


JOBS = {
    job.step: job
    for job in (
        Job("announcement", "what is coming, when, and what to prepare", 120, 200, names_breaking=True),
        Job("reminder", "the date once more and the required step; no new facts", 50, 90, names_breaking=False),
        Job("release_day", "what is new, how to get it, and breaking changes again", 120, 200, names_breaking=True),
        Job("follow_up", "how to use it, known problems, and a request for feedback", 80, 150, names_breaking=False),
    )
}


def check(text: DraftText, facts: Facts, step: str) -> list[Finding]:
    """What does not fit the job of the e-mail. `step` is one of JOBS; an unknown one has no rules."""
    job = JOBS.get(step)
    if job is None:
        return []
    findings = []

    def say(
        level: str, rule: str, message: str, block: str = "mail", index: int = 0, quote: str = "", key: str = ""
    ) -> None:
        findings.append(Finding(level, rule, block, index, message, key=key, quote=quote))

    if not 20 <= len(text.subject) <= 50:
        say(WARNING, "subject_length", f"The subject has {len(text.subject)} characters; 20 to 50 are shown whole in "
            "most mail programs.", "subject")  # fmt: skip
    if not 40 <= len(text.preheader) <= 90:
        say(WARNING, "preheader_length", f"The preheader has {len(text.preheader)} characters; 40 to 90 read best "
            "beside the subject.", "preheader")  # fmt: skip
    count = text.word_count()
    if count > job.longest or count < job.shortest:
        best = f"The text has {count} words; this mail does best with {job.shortest} to {job.longest}."
        say(WARNING, "length", f"{best}{_why_long(text, facts, count - job.longest)}")
    asked = [sentence for sentence in text.block("action") if not sentence.keys]
    if len(asked) != 1:
        say(WARNING, "call_to_action", f"There are {len(asked)} calls to action; a reader follows one.", "action")
    for block, index, sentence in text.sentences():
        for found in moments.find(sentence, facts, step):
            say(
                WARNING,
                "tense",
                f"“{found.quote}” does not fit this mail, which is about {job.purpose}: {found.because}.",
                block,
                index,
                found.quote,
            )
    if job.before_the_day:
        holes = {issue.key for issue in facts.of_kind("security")}
        for block, index, sentence in text.sentences():
            for key in sorted(holes.intersection(sentence.keys)):
                say(WARNING, "early_security", f"{key} is about security. Told before the release can be installed, it "
                    "helps whoever wants to use the weakness.", block, index, key=key)  # fmt: skip
    if step == "follow_up" and facts.problems and not facts.problems_by_key.keys() & set(text.keys()):
        first = facts.problems[0]
        many = f"{len(facts.problems)} known problems are" if len(facts.problems) > 1 else "A known problem is"
        say(WARNING, "problems_untold", f"{many} open in Jira and this mail tells of none, such as {first.key} "
            f"({first.summary}).", "problems", key=first.key)  # fmt: skip
    if job.names_breaking:
        for issue in unnamed(text, facts):
            say(
                BLOCKING,
                "breaking_missing",
                f"{issue.key} ({issue.summary}) changes what clients rely on and must "
                "be told in this mail: a sentence that cites it has to say what changes.",
                "breaking",
                key=issue.key,
            )
        for issue, step_asked in without_step(text, facts):
            say(WARNING, "breaking_step", f"{issue.key} asks clients for a step that is not in this mail: "
                f"“{step_asked[:120]}”", "action", key=issue.key)  # fmt: skip
    return findings


def _why_long(text: DraftText, facts: Facts, over: int) -> str:
    """What takes the room, when it is breaking changes and their steps, which may not be left out."""
    breaking = {issue.key for issue in facts.of_kind("breaking")}
    told = [
        sentence for block, _, sentence in text.sentences()
        if block in ("breaking", "action") and breaking.intersection(sentence.keys)
    ]  # fmt: skip
    words = sum(len(sentence.text.split()) for sentence in told)
    if over <= 0 or words < over:
        return ""
    keys = {key for sentence in told for key in sentence.keys} & breaking
    instead = f" and leave the rest to the notes at {facts.url}" if facts.url else ""
    return (
        f" {len(keys)} breaking changes and their steps take {words} of them, and clients have to hear of each: say "
        f"them in fewer words{instead}."
    )


# What the drafter by rules says of an issue when none of its own words may go out, or the mail is too short for them.
_LAST_RESORT = re.compile(r"(?:Something changes|Further changes) that you may rely on\b")
_TOLD = 0.45


def unnamed(text: DraftText, facts: Facts) -> list[Issue]:
    """Breaking changes that no sentence tells: a key behind a sentence about something else names nothing."""
    return [
        issue for issue in facts.of_kind("breaking")
        if not any(_tells(sentence, issue, facts) for _, _, sentence in text.sentences())
    ]  # fmt: skip


def without_step(text: DraftText, facts: Facts) -> list[tuple[Issue, str]]:
    """Breaking changes whose note asks for a step that no sentence citing them names, with the first such step."""
    found = []
    for issue in facts.of_kind("breaking"):
        steps = phrasing.required_steps(issue)
        citing = " ".join(sentence.text for _, _, sentence in text.sentences() if issue.key in sentence.keys)
        if not steps or not citing or _in_another_language(citing, steps[0]):
            continue
        said = set(stems.stems_of(citing))
        if not any(_share(stems.stems_of(step), said) >= 0.5 for step in steps):
            found.append((issue, steps[0]))
    return found


def names_step(sentence: Sentence, issue: Issue) -> bool:
    """Whether a sentence that cites an issue names a step that its note asks for."""
    said = set(stems.stems_of(sentence.text))
    return issue.key in sentence.keys and any(
        _share(stems.stems_of(step), said) >= 0.5 for step in phrasing.required_steps(issue)
    )


def _tells(sentence: Sentence, issue: Issue, facts: Facts) -> bool:
    if issue.key not in sentence.keys:
        return False
    if _LAST_RESORT.match(sentence.text) or _in_another_language(sentence.text, f"{issue.summary} {issue.note}"):
        return True
    if grounding.checker(facts).cover(sentence.text, [issue.key]) >= _TOLD:
        return True
    # A sentence about several changes at once has only a part of its words from each.
    return (
        _share(stems.stems_of(phrasing.clean_summary(issue.summary, issue.key)), set(stems.stems_of(sentence.text)))
        >= 0.6
    )


def _share(wanted: list[str], said: set[str]) -> float:
    return sum(stem in said for stem in wanted) / len(wanted) if wanted else 0.0


def _in_another_language(text: str, source: str) -> bool:
    """Whether words cannot be compared: the languages differ, or one is none of those that can be told."""
    told, of = languages.language(text), languages.language(source)
    return told != of and bool(told)
