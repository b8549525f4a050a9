"""All that the rules look at, read once: the text, its facts, the rendered parts and the campaign's other mails."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef

from campaigns import states
from campaigns.audience.counting import AudienceCounted
from campaigns.audience.rule import Rule
from campaigns.drafting import languages
from campaigns.drafting.facts import Facts
from campaigns.drafting.models import Revision
from campaigns.drafting.selectors import facts_of, text_of
from campaigns.drafting.text import DraftText
from campaigns.planning.models import CampaignEmail
from campaigns.planning.selectors import audience_rule
from campaigns.review import counts, rendition
from campaigns.review.models import AudienceCount, LinkCheck
from campaigns.review.refusals import NotRendered
from releases.models import Product
from templates import placeholders


@dataclass(frozen=True)
class Sibling:
    """Another e-mail of the same campaign and its current text."""

    step: str
    label: str
    text: DraftText


class Mail:
    """One e-mail under the eyes of the preflight. Everything costly is computed once and only when a rule asks."""

    def __init__(
        self,
        email: CampaignEmail,
        revision: Revision,
        *,
        facts: Facts | None = None,
        rule: Rule | None = None,
        count: bool = True,
    ) -> None:
        """Render the text.

        Args:
            facts: the newest ones, when the caller has read them already.
            rule: whom it goes to, when the caller has read that already.
            count: whether a rule may count people itself when nobody has counted the audience yet. A page says no and
                has it counted beside the page.
        """
        self.may_count = count
        if facts is not None:
            self.facts = facts
        if rule is not None:
            self.rule = rule
        self.email = email
        self.revision = revision
        self.step = email.step
        self.product: Product = email.campaign.release.product
        self.text = text_of(revision)
        self.problem = ""
        self.frozen: rendition.Frozen | None = None
        try:
            self.frozen = rendition.build(email=email, revision=revision)
        except NotRendered as refusal:
            self.problem = str(refusal)

    @cached_property
    def facts(self) -> Facts:
        """The newest facts of the release, so that what changed in Jira since the draft is found too."""
        newest = self.email.campaign.release.snapshots.defer("facts").order_by("-number").first()
        return facts_of(newest or self.revision.snapshot)

    def key(self) -> tuple[object, ...]:
        """Everything that a rule may look at, by value: two mails of one key have the same findings."""
        counted = repr(self.counted)
        checks = tuple((row.address, row.problem) for row in self.link_checks)
        siblings = tuple((sibling.step, sibling.text.digest()) for sibling in self.siblings)
        rendered = self.frozen.digest if self.frozen else self.problem
        # Every setting of the product, because some rules go by them.
        product = tuple(str(getattr(self.product, field.attname)) for field in self.product._meta.concrete_fields)
        return (
            self.email.pk, self.revision.digest, rendered, self.facts, counted, checks, siblings, product,
            self.hosts, self.may_count, self.email.send_at, self.email.local_time, self.revision.author_id is None,
            self.still_to_come,
        )  # fmt: skip

    @cached_property
    def places(self) -> list[tuple[str, int, str]]:
        """Part, number and words of all that a reader reads: subject, preheader, each sentence."""
        places = [("subject", 0, self.text.subject), ("preheader", 0, self.text.preheader)]
        return places + [(block, index, sentence.text) for block, index, sentence in self.text.sentences()]

    @cached_property
    def mistyped(self) -> dict[tuple[str, int], list[placeholders.Use]]:
        """Where a placeholder is half typed or unknown. Told by the rule of placeholders, once for all rules."""
        found = {(part, at): placeholders.unknown(words, placeholders.IN_TEXTS) for part, at, words in self.places}
        return {place: uses for place, uses in found.items() if uses}

    @cached_property
    def body(self) -> str:
        """The sentences of the body, one a line."""
        return "\n".join(sentence.text for _, _, sentence in self.text.sentences())

    @cached_property
    def english(self) -> bool:
        """Whether the text is English, as far as one can tell; some rules know no other language."""
        return languages.language(self.body) == "en"

    @cached_property
    def page(self) -> Page:
        """The rendered HTML part, taken apart."""
        return Page.read(self.frozen.html if self.frozen else "")

    @cached_property
    def siblings(self) -> list[Sibling]:
        """The current texts of the campaign's other e-mails, in their order."""
        return [
            Sibling(
                row["step"],
                CampaignEmail(step=row["step"]).get_step_display(),
                text_of(
                    Revision(
                        subject=row["revisions__subject"], preheader=row["revisions__preheader"],
                        blocks=row["revisions__blocks"], order=row["revisions__order"],
                    )
                ),
            )
            for row in self._others
            if row["revisions__number"] is not None
        ]  # fmt: skip

    @cached_property
    def still_to_come(self) -> tuple[str, ...]:
        """The steps of the series that are to go out after this one, in their order. A correction has none."""
        return tuple(
            row["step"] for row in self._others
            if row["position"] > self.email.position and row["state"] in states.UNSENT
            and row["campaign__state"] == "active"
        )  # fmt: skip

    @cached_property
    def _others(self) -> list[Any]:
        """The campaign's other e-mails with the newest text of each, where it has one. One query.

        Without cancelled ones and corrections; a correction itself repeats and mends on purpose and has none.
        """
        if self.email.correction_of_id is not None:
            return []
        newer = Revision.objects.filter(email=OuterRef("pk"), number__gt=OuterRef("revisions__number"))
        return list(
            CampaignEmail.objects.filter(~Exists(newer), campaign_id=self.email.campaign_id, correction_of__isnull=True)
            .exclude(pk=self.email.pk)
            .exclude(state="cancelled")
            .order_by("position", "pk")
            .values(
                "step", "state", "position", "campaign__state", "revisions__number", "revisions__subject",
                "revisions__preheader", "revisions__blocks", "revisions__order",
            )
        )  # fmt: skip

    @cached_property
    def hosts(self) -> frozenset[str]:
        """Hosts that a link may lead to: the product's own, those it allows, and ours."""
        addresses = (self.product.website, settings.PUBLIC_URL)
        own = frozenset(host for address in addresses if (host := urlsplit(address).hostname))
        return own | frozenset(self.product.allowed_hosts or ())

    @cached_property
    def rule(self) -> Rule:
        """Whom it goes to."""
        return audience_rule(self.email)

    @cached_property
    def counting(self) -> AudienceCount | None:
        """The last counting of this very audience."""
        return counts.row_of(self.email, self.rule)

    @cached_property
    def counted(self) -> AudienceCounted | None:
        """What it found."""
        return counts.found(self.counting)

    @cached_property
    def link_checks(self) -> list[LinkCheck]:
        """What the links answered when somebody had them tried: problems first, then those that open."""
        rows = self.email.link_checks.all()
        return sorted(rows, key=lambda row: (not row.problem, not row.tried, row.address))

    def lengths(self, line: str) -> tuple[int, int]:
        """Characters of a line as the sample reader gets it, and as the reader with the longest name does."""
        longest = self.counted.longest if self.counted else {}
        values = placeholders.sample_values()
        sample = most = len(line)
        for use in placeholders.find(line):
            if use.name in values:
                written = len(line[use.position : line.index("}}", use.position) + 2])
                sample += len(values[use.name]) - written
                most += max(len(values[use.name]), longest.get(use.name, 0)) - written
        return sample, most

    def without_value(self, column: str) -> int:
        """How many people of the audience have an empty column of that name."""
        if self.counted is not None:
            return self.counted.without.get(column, 0)
        return int(self.rule.people().filter(**{column: ""}).count()) if self.may_count else 0


@dataclass
class Page:
    """What a reader of the HTML part sees: its words, links and pictures."""

    words: str = ""
    links: list[str] = field(default_factory=list)
    images: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def read(cls, html: str) -> Page:
        """Take HTML apart; what a client hides (head, style, comments) is left out."""
        reader = _Reader()
        reader.feed(html)
        reader.close()
        return cls(" ".join("".join(reader.pieces).split()), reader.links, reader.images)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.links: list[str] = []
        self.images: list[dict[str, str]] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named: dict[str, Any] = {name: value or "" for name, value in attrs}
        if tag in ("style", "script", "title"):
            self._hidden += 1
        elif tag == "a" and named.get("href"):
            self.links.append(named["href"])
        elif tag == "img":
            self.images.append(named)
        if tag not in ("a", "b", "i", "em", "strong", "span", "code"):
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "title") and self._hidden:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)
