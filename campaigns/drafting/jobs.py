"""The four e-mails and their jobs: what each one is for, its length, its tense and the words it must not have."""

from __future__ import annotations

import re
from dataclasses import dataclass

from campaigns.drafting.facts import Facts
from campaigns.drafting.findings import BLOCKING, WARNING, Finding
from campaigns.drafting.text import DraftText


@dataclass(frozen=True)
class Job:
    """One of the four. `shortest` and `longest` are words of the body; `forbidden` is a pattern."""

    step: str
    purpose: str
    shortest: int
    longest: int
    forbidden: re.Pattern[str]
    names_breaking: bool

    @property
    def before_the_day(self) -> bool:
        """Whether it goes out when nobody can install the release yet."""
        return self.step in ("announcement", "reminder")


JOBS = {
    job.step: job
    for job in (
        Job("announcement", "what is coming, when, and what to prepare", 120, 200,
            re.compile(r"\b(?:now available|is available|has been released|out now)\b", re.I), names_breaking=True),
        Job("reminder", "the date once more and the required step; no new facts", 50, 90,
            re.compile(r"\b(?:now available|is available|has been released|out now)\b", re.I), names_breaking=False),
        Job("release_day", "what is new, how to get it, and breaking changes again", 120, 200,
            re.compile(r"\b(?:coming soon|will soon|soon|will be (?:released|available))\b", re.I),
            names_breaking=True),
        Job("follow_up", "how to use it, known problems, and a request for feedback", 80, 150,
            re.compile(r"\b(?:coming soon|will be (?:released|available)|out now|launch(?:es|ed|ing)?|introducing)\b",
                       re.I),
            names_breaking=False),
    )
}  # fmt: skip


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
        say(WARNING, "length", f"The text has {count} words; this mail does best with {job.shortest} to {job.longest}.")
    asked = [sentence for sentence in text.block("action") if not sentence.keys]
    if len(asked) != 1:
        say(WARNING, "call_to_action", f"There are {len(asked)} calls to action; a reader follows one.", "action")
    for block, index, sentence in text.sentences():
        found = job.forbidden.search(sentence.text) if not sentence.keys else None
        if found:
            say(
                WARNING,
                "tense",
                f"“{found[0]}” does not fit this mail, which is about {job.purpose}.",
                block,
                index,
                found[0],
            )
    if job.before_the_day:
        holes = {issue.key for issue in facts.of_kind("security")}
        for block, index, sentence in text.sentences():
            for key in sorted(holes.intersection(sentence.keys)):
                say(WARNING, "early_security", f"{key} is about security. Told before the release can be installed, it "
                    "helps whoever wants to use the weakness.", block, index, key=key)  # fmt: skip
    if job.names_breaking:
        named = set(text.keys())
        for issue in facts.of_kind("breaking"):
            if issue.key not in named:
                say(BLOCKING, "breaking_missing", f"{issue.key} ({issue.summary}) changes what clients rely on and "
                    "must be named in this mail.", "breaking", key=issue.key)  # fmt: skip
    return findings
