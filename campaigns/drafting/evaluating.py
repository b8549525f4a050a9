"""The regression set: small releases of our own that every version of the prompts has to write well about.

Each case is a file in prompts/cases: facts, the settings of a product, and what its mails must cite and must not say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from campaigns.drafting import checks, extractive, repair
from campaigns.drafting.facts import Facts
from campaigns.drafting.house import House
from campaigns.drafting.jobs import JOBS
from campaigns.drafting.openai_drafter import CallRecord, DraftFailed, OpenAIDrafter
from campaigns.drafting.prompting import PROMPTS
from campaigns.drafting.text import DraftText

#: Of the sentences of one mail, as the model wrote them; a quarter may be dropped by the checks.
MOST_UNSUPPORTED = 0.25
#: How far a mail may be from the length of its step, as a share of the nearer bound.
LENGTH_SLACK = 0.35
#: Faults that every further call would meet as well.
HOPELESS = ("authentication", "permission", "quota", "not_found", "connection", "bad_request", "unexpected")


@dataclass(frozen=True)
class Case:
    """One release to write about. `must_cite` is per step; `must_not_say` are words in any case of letters."""

    name: str
    why: str
    facts: Facts
    house: House = field(default_factory=House)
    steps: tuple[str, ...] = tuple(JOBS)
    must_cite: dict[str, tuple[str, ...]] = field(default_factory=dict)
    must_not_say: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, name: str, data: dict[str, Any]) -> Case:
        """Read a file of the set."""
        wishes = data.get("house") or {}
        house = House(**{key: _tuples(value) for key, value in wishes.items()})
        return cls(
            name=name,
            why=data["why"],
            facts=Facts.from_json(data["facts"]),
            house=house,
            steps=tuple(data.get("steps") or JOBS),
            must_cite={step: tuple(keys) for step, keys in (data.get("must_cite") or {}).items()},
            must_not_say=tuple(data.get("must_not_say") or ()),
        )


@dataclass(frozen=True)
class Outcome:
    """How one mail came out: what was wrong (nothing when it passed), and the floor that the rules set for it."""

    case: str
    step: str
    problems: tuple[str, ...]
    sentences: int = 0
    unsupported: int = 0
    doubtful: int = 0
    floor_unsupported: int = 0
    floor_doubtful: int = 0
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The row of a report."""
        return {**asdict(self), "problems": list(self.problems), "seconds": round(self.seconds, 2)}


def cases(languages: Iterable[str] = ("en",)) -> list[Case]:
    """The set, without cases for products in languages that nobody writes."""
    wanted = {*languages, "en"}
    return [case for case in _whole_set() if case.house.language in wanted]


def left_out(languages: Iterable[str]) -> list[Case]:
    """What `cases` leaves out, for whoever has to know what a verdict does not cover."""
    wanted = {*languages, "en"}
    return [case for case in _whole_set() if case.house.language not in wanted]


def _whole_set() -> list[Case]:
    return [
        Case.from_json(path.stem, json.loads(path.read_text(encoding="utf-8")))
        for path in sorted((PROMPTS / "cases").glob("*.json"))
    ]


@dataclass
class Evaluation:
    """How a run over the set came out. `stopped` says why it ended before its last mail; then it is no verdict."""

    outcomes: list[Outcome] = field(default_factory=list)
    records: list[CallRecord] = field(default_factory=list)
    stopped: str = ""

    @property
    def passed(self) -> bool:
        """Whether every mail of the set was written and judged well."""
        return bool(self.outcomes) and not self.stopped and not any(outcome.problems for outcome in self.outcomes)


def evaluate(
    drafter: OpenAIDrafter,
    set_of_cases: Iterable[Case],
    *,
    tell: Callable[[Outcome], None] = lambda outcome: None,
    hindrance: Callable[[list[CallRecord]], str] = lambda records: "",
) -> Evaluation:
    """Ask for every mail of the set and judge it. `tell` hears of each as it comes.

    It ends early, with all that was paid for, when the model cannot be asked at all or `hindrance`, which is asked
    before each mail with what was used so far, says why it may not be asked.
    """
    found = Evaluation()
    for case, step in [(one, step) for one in set_of_cases for step in one.steps]:
        found.stopped = hindrance(found.records)
        if found.stopped:
            break
        try:
            outcome, record = _one(drafter, case, step)
        except DraftFailed as problem:
            found.records.append(problem.record)
            found.stopped = problem.text
            break
        found.outcomes.append(outcome)
        found.records.append(record)
        tell(outcome)
    return found


def _one(drafter: OpenAIDrafter, case: Case, step: str) -> tuple[Outcome, CallRecord]:
    floor = checks.support(extractive.draft(case.facts, step, case.house), case.facts, house=case.house)
    try:
        drafted = drafter.draft(case.facts, step, case.house)
    except DraftFailed as problem:
        if problem.kind in HOPELESS:
            raise
        return Outcome(case.name, step, (f"no draft: {problem.text}",), seconds=problem.record.seconds), problem.record
    found = checks.support(drafted.text, case.facts, house=case.house)
    outcome = Outcome(
        case=case.name,
        step=step,
        problems=tuple(problems(case, step, drafted.text, found)),
        sentences=found.sentences,
        unsupported=found.unsupported,
        doubtful=found.doubtful,
        floor_unsupported=floor.unsupported,
        floor_doubtful=floor.doubtful,
        seconds=drafted.record.seconds,
    )
    return outcome, drafted.record


def problems(case: Case, step: str, text: DraftText, found: checks.Support) -> Iterable[str]:
    """Why a mail as the model wrote it does not pass, in words for the author of the prompt."""
    if found.unsupported > MOST_UNSUPPORTED * found.sentences:
        yield f"{found.unsupported} of {found.sentences} sentences cannot be traced or must not go out"
    cited = set(text.keys())
    missing = [key for key in case.must_cite.get(step, ()) if key not in cited]
    if missing:
        yield f"does not tell of {', '.join(missing)}"
    whole = " ".join([text.subject, text.preheader, *(line.text for _, _, line in text.sentences())])
    for word in case.must_not_say:
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", whole, re.I):
            yield f"says “{word}”"
    job, count = JOBS[step], text.word_count()
    if not (1 - LENGTH_SLACK) * job.shortest <= count <= (1 + LENGTH_SLACK) * job.longest:
        yield f"has {count} words; its job wants {job.shortest} to {job.longest}"
    mended = repair.mend(text, case.facts, step, case.house)
    if not mended.usable:
        yield "too little is left after the checks"
    for finding in checks.check(mended.text, case.facts, step=step, house=case.house):
        if finding.blocks or finding.rule == "house_language":
            yield f"{finding.rule}: {finding.message}"


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
