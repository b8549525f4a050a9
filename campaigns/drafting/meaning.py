"""Does a sentence say the same as its source? Promises that are not in it, its opposite, a dropped condition.

English only, by word lists and counting: no list has a word of any product in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from campaigns.drafting import opposites
from campaigns.drafting.figures import numbers
from campaigns.drafting.languages import language
from campaigns.drafting.relations import may_be_verb
from campaigns.drafting.stems import DETERMINERS, EMPTY_STEMS, IMPERATIVES, NOUN_TOO, STOP_WORDS, content_stems, stem
from campaigns.drafting.tokens import WORD, words

# One line is one promise; a word of a line is a claim unless the source has a word of the same line.
_CLAIMS = {
    "speed": "fast* speed* quick* rapid* perform* efficien* optimi* accelerat* throughput latenc* snapp* responsive*",
    "security": "secur* safe* protect* encrypt* hardened hardening vulnerab* cve* privacy trust*",
    "improvement": "improv* enhanc* better boost* streamlin* refin* elevat* strength*",
    "reliability": "reliab* stabil* stable robust* resilien* dependab*",
    "ease": "easier easily easy simpl* seamless* smooth* intuitiv* convenien* friendl* effortless* hassle* painless* "
    "straightforward",
    "prevention": "prevent* eliminat* ensur* guarantee* avoid* safeguard*",
    "less": "reduc* minimi* fewer lower* decreas* shrink* shorten* smaller lighter leaner slimmer",
    "more": "increas* maximi* extend* expand* broader wider richer double* triple*",
    "completeness": "completel* fully entire* total* every* always never guaranteed end-to-end comprehensive* absolut*",
    "praise": "powerful* modern* major significant* exciting best leading advanced innovative delight* great* huge* "
    "state-of-the-art cutting-edge world-class award* popular favourite favorite",
    "cost": "cheap* affordab*",
    "compatibility": "compatib* interoperab*",
    "automation": "automatic* instant* immediate* real-time",
    # What nobody promises, and what weighs as much when no source says it.
    "removal": "delet* discard* purg* erase* erasing wipe* wiping destroy*",
    "duty": "must mandatory obligatory compulsory",
}


@dataclass(frozen=True)
class Claim:
    """A promise in a text: its family and the word."""

    family: str
    word: str


#: Families that say something hard and promise nothing.
HARD = frozenset(("removal", "duty"))
# Words that promise nothing themselves and bear out a claim of their family in a source.
_BEARS_OUT = {
    "completeness": re.compile(r"\b(?:all|each|any|whole|should|must|make sure|ensure)\b", re.I),
    "demand": re.compile(r"\b(?:request|ask|demand|wish|want|many|most|some|several)\b", re.I),
    "more": re.compile(r"\b(?:long|rais|prolong|more)", re.I),
    # A fault of that name which is mended.
    "compatibility": re.compile(r"\bincompatib", re.I),
    "removal": re.compile(
        r"\b(?:remov|drop|unbundl|clea[nr]|gone|uninstall|strip|eliminat|replac|unused|prun|evict|expir|trim|los[est]"
        r"|disappear|empt|rid of|retention|deprecat|overwrit|truncat|unlink|cancel)",
        re.I,
    ),
    "duty": re.compile(
        r"\b(?:need|requir|ha(?:ve|s) to|should|forc|enforc|please|only|depend|cannot|no longer|at least|minimum|drop"
        r"|remov|before|instead|oblig|ought|expect|necessar)",
        re.I,
    ),
    "automation": re.compile(r"\b(?:auto-?[a-z]+|at once|right away|straight away|by itself|by themselves)\b", re.I),
}


def families(source: str) -> set[str]:
    """The families of promises that a source bears out."""
    plain = _without_compounds(source).lower()
    # Word by word: a source is long, and thirteen patterns over it take longer than all the rest of a check.
    found = {family for word in set(_TOKEN.findall(plain)) if (family := _family_of(word))}
    found |= {family for phrase, family in _JOINED.items() if phrase in plain}
    return found | {family for family, pattern in _BEARS_OUT.items() if pattern.search(source)}


def _family_of(word: str) -> str:
    return _WHOLE.get(word) or next(
        (_BEGINNINGS[word[:end]] for end in range(3, len(word) + 1) if word[:end] in _BEGINNINGS), ""
    )


# Of two places or sizes that are named together neither is promised: "upper and lower case", "lower left".
_NO_PROMISE = re.compile(
    r"\b(?=\w*[A-Z0-9])\w+-[a-z]+"
    r"|\b(?:upper|higher) (?:and|or) lower\b|\blower (?:and|or) (?:upper|higher)\b"
    r"|\blower[ -]?(?:cased?|left|right|half|part|edge|corner|bounds?|limits?|end)\b"
)


def _without_compounds(text: str) -> str:
    return _NO_PROMISE.sub(" ", text)


def claims(text: str) -> list[Claim]:
    """The promises that a text makes, the first word of each family.

    A word inside a compound that starts with a name ("S3-compatible") says what a thing is and promises nothing.
    """
    plain = _without_compounds(text)
    found = []
    for family, pattern in _CLAIM_PATTERNS.items():
        match = pattern.search(plain)
        if match:
            found.append(Claim(family, match[0]))
    for family, phrase in (("cost", _COSTS_LESS), ("more", _LONGER), ("demand", _ASKED_FOR)):
        match = phrase.search(text)
        if match and not any(claim.family == family for claim in found):
            found.append(Claim(family, match[0]))
    return found


_CLAIM_PATTERNS = {
    family: re.compile(
        r"\b(?:" + "|".join(re.escape(word).replace(r"\*", r"\w*") for word in line.split()) + r")\b", re.I
    )
    for family, line in _CLAIMS.items()
}

# Money and time that somebody keeps: "free slots", "free of ads" and "saving a draft" promise neither.
_COSTS_LESS = re.compile(
    r"\b(?:for free|free of (?:charge|cost)|at no (?:extra |additional )?(?:cost|charge)"
    r"|(?:is|are|be|comes?|now|completely|entirely) free(?= (?:for|to)\b|\W*$)"
    r"|free (?:upgrades?|updates?|trials?|plans?|tiers?|use|support|versions?|accounts?)|savings"
    r"|(?<!light )(?<!light-)sav(?:e|es|ed|ing) (?:\w+ ){0,2}"
    r"(?:time|money|costs?|effort|work|memory|space|battery|power|energy|bandwidth|traffic|paper|hours|minutes|days"
    r"|clicks|steps)"
    r"|(?:low|lower|less|fewer|reduc\w+|cut\w*) (?:\w+ )?costs?|costs? less)\b",
    re.I,
)
# "No longer" and "as long as" promise nothing.
_LONGER = re.compile(r"\bfor longer\b|(?<!no )(?<!any )\blonger(?= than\b|\W*$)", re.I)
# What many want or do: no ticket counts them.
_ASKED_FOR = re.compile(
    r"\b(?:as|often|much|frequently|most|highly|long)[- ](?:requested|awaited|wished)\b|\bby popular demand\b"
    r"|\b(?:many|most|some|several) (?:of (?:you|our)\b|customers|users|clients|companies|teams)"
    r"|\byou(?: have|['’]ve)? (?:asked|wished) for\b",
    re.I,
)
_TOKEN = re.compile(r"\w+")
_WRITTEN = [(word, family) for family, line in _CLAIMS.items() for word in line.split()]
_JOINED = {word.rstrip("*"): family for word, family in _WRITTEN if "-" in word}
_WHOLE = {word: family for word, family in _WRITTEN if "-" not in word and not word.endswith("*")}
_BEGINNINGS = {word[:-1]: family for word, family in _WRITTEN if "-" not in word and word.endswith("*")}

_NEGATIONS = words(
    "not no never without cannot neither nor unable none nothing nobody hardly "
    "nicht kein keine keinen keiner keinem nie niemals ohne"
)
_NO_IN_CJK = re.compile(r"不再|不能|无法|無法|没有|沒有|不(?!仅|同|断)|未能|ない|ません|않|없")
_FAULT_IN_CJK = re.compile(r"失败|失敗|错误|錯誤|崩溃|崩潰|丢失|오류|실패")
_MENDED_IN_CJK = re.compile(r"修复|修復|修正|已解决|已解決|수정|해결")
_ENDED = tuple(
    words(
        "disallow forbid forbidden prohibit reject refus disabl remov discontinu unsupport unavailabl "
        "prevent avoid impossibl eliminat retire unbundl immutab abolish withdraw uninstall ineffective read-only "
        "exclud hide hidden hiding skip omit suppress entfern entfällt abgeschalt deaktivier"
    )
)
_DEPRECATED = re.compile(r"\bdeprecat(?:e|es|ed|ing)\b", re.I)
_FAULT = tuple(
    words(
        "fail error wrong incorrect crash missing loses lost corrupt leak exception throw faulty invalid bug "
        "problem hang stall stuck freez flak inconsisten duplicate deadlock overwrit ignor truncat "
        "incompatib garbl disregard blurr lack fehl falsch abstürz kaputt "
        # What is done amiss.
        "misalign misbehav misconfigur miscount misdirect mishandl misidentif misinterpret mislabel mislead misle "
        "mismatch misplac misread misreport misrout misspel mistak mistreat misunderst misus"
    )
)
# Whole words where a beginning is too short ("brokers"), and words that only begin like a fault.
_FAULT_WORDS = words("broke broken npe hung race races")
_NO_FAULT = tuple(words("invalidat failover failsafe exceptional hanger hangar leakag flake8 problemat throwaway"))
# Names are what a sentence is about, whatever their words say: out of code, and short ones in quotes.
_NAMED = re.compile(
    r"\b\w+[._+\\=@#]\w[\w._+/\\=@#-]*|“[^“”]{1,40}”|(?<!\w)\"[^\"]{1,40}\"(?!\w)|(?<!\w)`[^`]{1,60}`|\b[a-z]+[A-Z]\w*"
)
_THROWN = re.compile(r"\b[A-Za-z]\w*(?:Exception|Error)\b")
_MENDED = re.compile(
    r"(?<!\bnot )(?<!\bto )(?<!\bcannot )(?<!\blonger )(?<!\bnever )\b"
    # "Fixed-length" and "a fixed length" say which.
    r"(?<!\ba )(?<!\bof )(?:fix(?:e[sd]|ing)(?!-)|(?:re)?solved|corrected|repaired|mended|addressed|behoben|behebt"
    r"|korrigiert)\b"
    r"|\ba fix (?:for|in|of|to)\b"
    r"|\b(?:resolv|solv|correct|address|repair|mend)(?:e?s|ing)\s+(?:an?|the|this|some|several)\s+(?:\w+\s+){0,2}"
    r"(?:fault|bug|error|problem|issue|crash|exception|failure)",
    re.I,
)
# "nothing but", "not only" and their like deny nothing.
_NO_DENIAL = re.compile(
    r"\b(?:nothing but|not only|not just|(?:none|nobody|no one|nothing) but|nothing else than|no more than|no less than"
    r"|no matter|not later than"
    r"|without (?:a |any )?(?:problems?|errors?|faults?|exceptions?|crash\w*|failures?|failing))\b",
    re.I,
)
# "tables not in the default namespace" says which tables, and denies nothing of them.
_ATTRIBUTE = re.compile(
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bbe )(?<!\bdo )(?<!\bdoes )\bnot (?=(?:in|on|from|at|part|under) )"
    # "Projects nobody owns are given away": which projects.
    r"|(?<=\w )nobody \w+ (?=(?:is|are|was|were|can|will|has|have|now)\b)"
)
# "Users without a manager cannot ..." says which users.
_SUBJECT_WITHOUT = re.compile(
    r"(?<=\w )(?:without|with no)\s(?:[\w-]+\s){0,6}?[\w-]+"
    r"(?=\s(?:can|cannot|could|is|are|was|were|do|does|don['’]t|doesn['’]t|will|no longer|now|have|has|may|must|fails?"
    r"|gets?)\b)",
    re.I,
)
_TWICE = re.compile(r"\b(?:twice|two times|a second time|several times|more than once)\b(?!\s+(?:as|the))", re.I)
# As a verb alone: a line break is none.
_BREAKS = re.compile(
    r"(?:^|(?<!line )(?<!page )(?<!word )(?<!column )(?<!section )(?<!lunch )(?<!a )(?<!the )(?<!of )\b)"
    r"breaks?\b(?! (?:down|up|lines?|words?|into)\b)|\block(?:s|ed)? up\b|\bgo(?:es)? down\b|\bfalls? over\b",
    re.I,
)
_PAST = re.compile(
    r"\b(?:previously|formerly|before this|used to|in earlier|in the past|until now|so far|had been|"
    r"would have|could have)\b",
    re.I,
)
# "Can be different" leaves it open; "can be changed" says what is possible.
_MAYBE = re.compile(
    r"\b(?:may|might|can be(?! (?:\w+ly )?(?:\w+(?:ed|en|wn|lt)|set|put|run|made|read|told|kept|found)\b)|could"
    r"|should|depending|whether|instead of|rather than)\b",
    re.I,
)
# An error that is shown, logged or counted is what the sentence is about and no fault.
_FAULT_AS_TOPIC = re.compile(
    r"\b(?:error|exception|crash|bug|problem)s?[ -]"
    r"(?:messages?|codes?|pages?|logs?|reports?|notices?|handling|texts?)\b"
    r"|(?<!\bend )(?<!\bends )(?<!\bended )(?<!\bending )(?<!\bresult )(?<!\bresults )(?<!\bresulting )(?<!\bresulted )"
    r"\b(?:in|of|from|about)\s+(?:the|an?)\s+(?:\w+\s+)?(?:error|exception)s?\b"
    r"|\b(?:error|exception)s?\s+(?:now\s+)?(?:name|say|show|contain|tell|list|mention|include|explain)s?\b"
    r"|\b(?:find|finds|detects?|spots?|catch(?:es)?|locates?|flags?|highlights?)\s+(?:\w+\s+){0,2}"
    r"(?:errors?|mistakes?|problems?|bugs?|faults?|exceptions?|failures?)\b"
    r"|\bbecom(?:e|es|ing) invalid\b"
    r"|\b(?:of|for|from|after|on)\s+(?:an?\s+|the\s+)?(?:lost|broken|failed|failing|missing)\b(?=\s+\w)"
    r"|^(?:lost|broken|failed|failing|missing)\b"
    r"(?=\s+\w+\s+(?:is|are|now|can|will|no longer|gets?|in|of|from|has|have)\s)"
    # So is a thing with such a mark: "the refused field", "a deprecated call".
    r"|\b(?:the|an?|this|that|each|every|any|all)\s+\w+ed\b(?=\s+(?!(?:in|on|at|by|to|for|with|from|as|and|or|when)\b)\w)",
    re.I,
)
_SWITCHED_OFF = re.compile(
    r"\b(?:switch|turn)(?:ed|s|es|ing)?\s(?:\w+\s){0,3}off\b|\b(?:say|says|said|saying)\s(?:goodbye|farewell)\b|"
    r"\bshut down\b|\bphased out\b|\bgo(?:es)? away\b"
    r"|\b(?:is|are|now|be|stay) off\b"
    r"|\b(?:leav(?:es?|ing)|left|ke(?:eps?|pt)|stay(?:s|ed)?|is|are|be) (?:\w+ ){0,4}?(?:out|away)\b"
    r"(?! (?:now|today|at|when|in|on|for|to)\b)"
    r"|\b(?:is|are) gone\b|\b(?:is|are|be|stays?|remains?|becomes?|now) (?:\w+ )?read-only\b|\bgot rid of\b"
    r"|\b(?:is|are|was|were|been) (?:dropped|taken (?:out|away)|abandoned)\b"
    r"|\b(?:drops?|dropped)\s+(?:the\s+)?(?=[a-z]+(?: |$))(?!all\b|table\b|index\b|column\b)"
    r"|\b(?:ends?|ended|stops?|stopped|quits?)\s+\w+ing\b",
    re.I,
)
# "Support for X has ended".
_SUPPORT_ENDED = re.compile(r"\bsupport\b[^.;]{0,80}\b(?:ends?|ended|stops?|stopped)\b", re.I)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_MENDED_HEAD = re.compile(r"\s*(?:(?:will|to) be (?=fixed:))?(?:fixed|fixes|resolved|resolves|behoben)\b", re.I)
_WHEN = re.compile(r"(?:^|\s)(?:even\s+)?(?:when|if|while|as long as|unless|that|which|who|whose|where)\s", re.I)
_SHOULD = re.compile(r"\bshould(?:n['’]t)?\b", re.I)
_ANNOUNCED = re.compile(r"^\s*(?:please )?(?:note|be aware|remember|keep in mind)(?: that|:)\s+", re.I)
_OUGHT = re.compile(r"\b(?:should|must|needs? to|ought to)\b|^make sure\b", re.I)
_THIRD = frozenset(verb + "s" for verb in IMPERATIVES - NOUN_TOO) | words(
    "works needs gets brings requires becomes takes"
)
# "While it is open, nobody can edit it" is "nobody can edit it while it is open".
_FIRST_WHEN = re.compile(
    r"^\s*(?P<when>(?:when|while|if|as long as|once|after|as soon as)\s[^,.;:]{3,80}),\s"
    r"(?P<what>[^,.;:]+)(?=[.;]?\s*$)",
    re.I,
)
_CLAUSE = re.compile(
    r"[.;:!?](?:\s|$)|,\s|\n|[()，。；：！？]|\s(?:but|because|so that|whereas|although|aber|weil|sondern"
    r"|(?:as|since)(?=\s(?:it|they|there|nothing|nobody|none|no one)\s))\s",
    re.I,
)
_AND = re.compile(r"\s(?:and|und)\s", re.I)
# Signs of a verb: only where both sides of an "and" have one it parts two statements.
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|can|could|will|would|may|must|should|do|does|did|cannot|now|no longer"
    r"|becomes?|remains?|stays?|ist|sind|war|wurde|wird|werden|hat|haben|kann|können|muss|müssen)\b|n['’]t\b",
    re.I,
)


@dataclass(frozen=True)
class Clause:
    """A part of a sentence: its words, its sign (+1 says it is so, -1 says it is not) and how sure that is.

    `plain` is false for what only may be so; `definite` is true for "should", which in a ticket says what is to be.
    """

    text: str
    stems: frozenset[str]
    sign: int
    plain: bool
    definite: bool
    numbers: frozenset[str]
    states: bool


@lru_cache(maxsize=16384)
def clauses(text: str) -> tuple[Clause, ...]:
    """A text cut where a new statement may begin; parts of one content word are dropped.

    What stands behind "when" or "if" counts as words of the clause and not for its sign. "Fixed ..." at the head of a
    sentence holds for all of it.
    """
    found = []
    for sentence in _SENTENCE.split(text):
        mended = bool(_MENDED_HEAD.match(sentence))
        for part in _parts(sentence):
            stems = frozenset(content_stems(part)) if part else frozenset()
            if len(stems) < 2:
                continue
            main = _main(part)
            found.append(
                Clause(
                    part.strip(),
                    stems,
                    1 if mended else sign(main),
                    plain=bool(main) and not _MAYBE.search(main),
                    definite=bool(_SHOULD.search(main)),
                    numbers=frozenset(numbers(part)),
                    # "When a sync fails" on its own states nothing.
                    states=bool(main),
                )
            )
    return tuple(found)


# "Shows rows without a name" says which rows.
_WITHOUT = re.compile(r"\bwithout\b|\bohne\b", re.I)
_RELATIVE = re.compile(r"\b(?:that|which|who|whose|where)\s", re.I)
# ", with which you can filter" goes on with the statement.
# "The field it was missing" and "the field it lacked" tell how it was.
_CONTACT = re.compile(r"(?<=[a-z])\s(?:it|they)\s(?:(?:was|were|had)\b|(?:lack|miss|need|fail|want)ed\b)[^,;]*$", re.I)
_HEAD_RELATIVE = re.compile(r"^\s*(?:with|by|through|in|on|for|from|of|to)\s(?:which|whom)\s", re.I)
_LAST_VERB = re.compile(
    r".*\s(?P<rest>(?:is|are|was|were|has|have|had|can|cannot|could|will|would|must|do|does|did|no longer|now)\s.*)$",
    re.I | re.S,
)


def _main(part: str) -> str:
    """What a clause states: without "when ..." behind it and without "that ..." between its subject and its verb."""
    part = _CONTACT.sub("", _HEAD_RELATIVE.sub("", part))
    found = _WHEN.search(part)
    if not found:
        return part.strip()
    before = part[: found.start()].strip()
    if before and not _states(before) and _RELATIVE.match(part[found.start() :].strip()):
        # "Devices that only know X can no longer connect": the verb stands behind.
        last = _LAST_VERB.match(part[found.start() :])
        if last:
            # "Who cannot X will not Y" says that X is needed: both denials count.
            denied = _denials(part[found.start() : len(part) - len(last["rest"])]) and _denials(last["rest"])
            return part.strip() if denied else f"{before} {last['rest']}"
    return before


def _parts(sentence: str) -> list[str]:
    found: list[str] = []
    turned = _FIRST_WHEN.match(sentence)
    if turned and len(set(content_stems(turned["what"]))) < 2:
        sentence = f"{turned['what']} {turned['when']}"
    for part in _CLAUSE.split(_ANNOUNCED.sub("", _NO_DENIAL.sub(" only ", sentence))):
        joined: list[list[str]] = []
        states = False
        for piece in _AND.split(part or ""):
            if joined and not (states and _states(piece)):
                joined[-1].append(piece)
                # Behind another word an imperative is a noun.
                states = states or _states(f"- {piece}")
            else:
                joined.append([piece])
                states = _states(piece)
        found += [" and ".join(pieces) for pieces in joined]
    return found


def _states(part: str) -> bool:
    """Whether a part of a sentence has a verb, as far as that can be told from its words."""
    lowered = part.lower().split()
    return bool(_VERB.search(part)) or bool(lowered and lowered[0] in IMPERATIVES) or not _THIRD.isdisjoint(lowered)


_GOES_WRONG = re.compile(
    r"\s(?:fails|breaks|throws|crashes|hangs|freezes|loses|leaks|corrupts|leads to|results in|does not|doesn['’]t)\b",
    re.I,
)


@lru_cache(maxsize=8192)
def is_wish(summary: str) -> bool:
    """Whether the summary of a ticket says what is to be ("Add X", "X should") and not what is wrong."""
    if _OUGHT.search(summary) or re.match(r"(?:don['’]t|do not|no longer)\b", summary, re.I):
        return True
    if language(summary) not in ("en", ""):
        return bool(re.search(r"\bsoll(?:en|te|ten)?\b|应该|應該|支持|允许|改为", summary, re.I))
    first, _, rest = summary.partition(" ")
    verb = first.lower()
    if verb in IMPERATIVES and not (first.isupper() and len(first) > 1):
        following = rest.split(" ", 1)[0].lower()
        # "Return of a book", "Retry of a payment": a noun. "Export users fails", "Hide menu breaks it": what is done.
        if following == "of" or _GOES_WRONG.search(_WHEN.split(f" {rest}")[0]):
            return False
        # "Import hangs", "Cache of rooms is stale": a noun with its verb.
        if verb not in NOUN_TOO or following in DETERMINERS:
            return True
        # "Log tailer keeps all lines", "Return of a book": so is one with its verb a word further on.
        told = _THIRD.isdisjoint(rest.lower().split()[1:4])
        return told and sign(summary) > 0 and not _VERB.search(summary)
    states = re.search(r"\b(?:is|are|puts|gets|runs|sets|cuts|\w{3,}[^s\W]s)\b", rest)
    return verb.endswith("ing") and sign(summary) > 0 and not states


def sign(text: str) -> int:
    """+1 when a statement says that something is or works, -1 when it says that it is not or fails."""
    text = _FAULT_AS_TOPIC.sub(" ", _NAMED.sub(" ", _THROWN.sub("exception", text)))
    if _PAST.search(text):
        return -_sign(_PAST.sub(" ", text))
    return _sign(text)


def _sign(text: str) -> int:
    text = _SUBJECT_WITHOUT.sub(" ", _ATTRIBUTE.sub(" ", _NO_DENIAL.sub(" ", text)))
    turns = _turns(text)
    faulty = _has_fault(text)
    if (faulty or turns) and (_MENDED.search(text) or _MENDED_IN_CJK.search(text)):
        return 1
    return -1 if (turns + faulty) % 2 else 1


def _turns(text: str) -> int:
    """How many words of a text turn what it says: denials, and once each what ends something and what is off."""
    lowered = [word.replace("’", "'") for word in WORD.findall(text.lower())]
    turns = sum(word in _NEGATIONS or word.endswith("n't") for word in lowered)
    turns += any(word.startswith(_ENDED) for word in lowered) or bool(_DEPRECATED.search(text))
    turns += bool(
        re.search(r"\b(?:drop(?:s|ped)?|end(?:s|ed)?|stop(?:s|ped)?)\s+(?:\w+\s+)?support", text, re.I)
    ) or bool(_SWITCHED_OFF.search(text) or _SUPPORT_ENDED.search(text))
    return turns + bool(_NO_IN_CJK.search(text))


def _has_fault(text: str) -> bool:
    spoken = WORD.findall(text.lower())
    return any(map(_is_fault, spoken)) or bool(
        _TWICE.search(text) or _BREAKS.search(text) or _FAULT_IN_CJK.search(text)
    )


def _is_fault(word: str) -> bool:
    return word in _FAULT_WORDS or (word.startswith(_FAULT) and not word.startswith(_NO_FAULT))


def reversed_clause(
    sentence: str, sources: list[tuple[str, bool]], *, idle: frozenset[str] = frozenset(), open_ended: str = ""
) -> tuple[str, str] | None:
    """A clause of the sentence and the source clause that says the opposite; None when nothing speaks against it.

    `sources` are texts with whether each one describes a fault that is now mended (the summary of a bug): such a
    text speaks against a sentence that states the fault as a fact. A clause is accused only when no source clause
    that is about the same thing agrees with it. `idle` are stems that speak for no likeness (the name of the product);
    `open_ended` is a source text that may tell what was as well as what is to be, so that it agrees with either sign.
    """
    told = [
        (clause, -clause.sign if mended and clause.sign < 0 and not clause.definite else clause.sign, mended)
        for text, mended in sources
        for clause in clauses(text)
    ]
    known = frozenset(number for source, _, _ in told for number in source.numbers)
    parts = clauses(sentence)
    for clause in parts:
        if not clause.plain:
            continue
        against, weight, agreed = "", 0, 0
        for source, meant, mended in told:
            # A part of the source speaks of that part of the sentence which has most of it.
            if not source.states or any(_in_common(other, source) > _in_common(clause, source) for other in parts):
                continue
            stems = len((clause.stems & source.stems) - idle)
            alike = clause.numbers & source.numbers
            shared = stems + len(alike)
            if (
                not stems
                or shared < 2
                or stems < 0.5 * min(len(clause.stems), len(source.stems)) - len(alike)
                or shared < 0.4 * len(clause.stems)
            ):
                continue
            in_its_word = not mended and bool(_lexical(_main(clause.text)) & _lexical(_main(source.text)))
            if not clause.numbers & known <= source.numbers and not in_its_word:
                continue  # it speaks of another number
            beside = _sign_beside(clause, source)
            if not mended:
                meant, beside = _signs_apart(clause, source, meant, beside)
            agrees = (
                meant == beside
                # A bug summary without a word of fault names it in some other way: it can agree with either sign.
                or (mended and not source.definite and (source.sign > 0 or sign(_WITHOUT.sub(" ", source.text)) > 0))
                or (bool(open_ended) and source.text in open_ended)
                or (clause.sign < 0 and opposites.takes_the_place(source.text, of=clause.text))
            )
            if in_its_word and meant == beside and clause.sign < 0:
                break  # the issue says it in the same word
            if agrees:
                # A word such as "failed" on both sides is a mark of the thing and speaks for no agreement.
                marks = 0 if mended else len(_lexical(clause.text) & _lexical(source.text) & clause.stems)
                agreed = max(agreed, shared - marks)
            elif shared > weight and _speaks_against(clause, source, mended=mended):
                against, weight = source.text, shared
        else:
            # The clause that is most about the same thing decides.
            if weight > agreed:
                return clause.text, against
    return None


_STATED = re.compile(
    r"(?:^|\b(?:is|are|be|been|being|now|gets?)\s(?:\w+ly\s|now\s|also\s|no longer\s|not\s)*)(?P<verb>\w+)", re.I
)


def _signs_apart(clause: Clause, source: Clause, meant: int, said: int) -> tuple[int, int]:
    """The signs of a source and of a clause without the words that turn both: "disabled users" are that on either side.

    Where such a word is what the source states ("Remove X", "X is removed"), only what is denied can part the two.
    """
    both = _lexical(source.text) & _lexical(_main(clause.text))
    if not both:
        return meant, said
    if any(stem(match["verb"].lower()) in both for match in _STATED.finditer(_main(source.text))):
        return -1 if len(_denied(_main(source.text))) % 2 else 1, -1 if len(_denied(_main(clause.text))) % 2 else 1
    return tuple(  # type: ignore[return-value]
        sign(" ".join(word for word in _main(text).split() if stem(word.strip(".,;:!?")) not in both))
        for text in (source.text, clause.text)
    )


def _in_common(clause: Clause, source: Clause) -> int:
    return len(clause.stems & source.stems) + len(clause.numbers & source.numbers)


_DENIAL = re.compile(
    r"\b(?:no longer|any ?more|not|no|never|without|cannot|neither|nor|unable|none|nothing|nobody|hardly|nicht"
    r"|keine?[nr]?|nie|niemals|ohne)\b|n['’]t\b",
    re.I,
)


def _speaks_against(clause: Clause, source: Clause, *, mended: bool) -> bool:
    """Whether two clauses whose signs differ differ in something that can be named.

    A sign is counted from words, and an honest paraphrase may turn a thing with a word that nobody counts. So a denial
    has to deny what the other side says, and a word that ends something has to be on both sides or meet a verb that is
    known.
    """
    said, told = _main(clause.text), _main(source.text)
    if not frozenset(content_stems(said)) & source.stems:
        return False  # what they share is not what is stated
    ends, ended = _lexical(said), _lexical(told if mended else source.text)
    denied, denies = _denied(said), _denied(told)
    if mended and (_is_past(said) or _unknown_verb(said, source.stems) or (denied and _hinders(said, source.stems))):
        return False
    # "No longer accepted" denies what the fault "are rejected" is the contrary of.
    if not (mended and ended) and not all(not scope - _GENERAL or scope & source.stems for scope in denied):
        return False
    if mended:
        # "Is refused when it is locked" is the mending of a fault, unless the fault itself is that it is refused.
        only = _ends(said) and not _has_fault(said) and not denied
        return not (only and not _ends(told))
    if ends & ended:
        # What both have says nothing against either.
        ends, ended = ends - ended, ended - ends
        return (len(denied) + bool(ends)) % 2 != (len(denies) + bool(ended)) % 2
    if ends and ended and len(denied) % 2 == len(denies) % 2:
        return False  # both end something
    if len(denied) % 2 and len(denies) % 2 and not _ends(said) ^ _ends(source.text):
        return False  # both deny; "no longer twice" only has a fault as well
    if ends or denied:
        return bool(ended or denies) or not _unknown_verb(told, clause.stems)
    return not _DENIAL.search(clause.text) and _affirms(clause.text, said, denies, ended, source)


_DENIED_VERB = re.compile(
    r"\bno longer\s+(?P<third>[a-z]+[^\Ws]s)\b|\b(?:do|does)(?: not|n['’]t)\s+(?:\w+ly\s+)?(?P<plain>[a-z]+)",
    re.I,
)
_IN_THE_WAY = re.compile(
    r"\bin (?:the|your|their|its) way\b|\bfrom (?:being\b|\w+ing\b)|\baway\b|\b(?:out|off)\b", re.I
)


def _hinders(text: str, held: frozenset[str]) -> bool:
    """Whether what a text denies may be a hindrance itself: "no longer stands in the way", "does not stall"."""
    if _IN_THE_WAY.search(text):
        return True
    verbs = [(match["third"] or match["plain"]).lower() for match in _DENIED_VERB.finditer(text)]
    return bool(verbs) and not any(may_be_verb(verb) or stem(verb) in held or verb in STOP_WORDS for verb in verbs)


def _affirms(text: str, said: str, denies: list[frozenset[str]], ended: frozenset[str], source: Clause) -> bool:
    """Whether a text without any word of denial affirms what a source denies or ends.

    It has to say the same verb, or one that is known to say that something is there; "stays away", "is free of" and a
    verb that nobody knows may be a denial in other words.
    """
    reserved = _RESERVED.search(text)
    if reserved and frozenset(content_stems(text[reserved.end() :])) & source.stems:
        return False
    if _AWAY.search(said) or _unknown_verb(said, source.stems):
        return False
    stems = frozenset(content_stems(said))
    if any(scope and not scope & stems for scope in denies):
        return False
    # What is deprecated still works.
    return ended != {_DEPRECATION} or bool(re.search(r"\b(?:supported|recommended)\b", said, re.I))


# To deny these is to deny the thing itself.
_GENERAL = frozenset(map(stem, ("supported", "available", "possible", "works", "exists", "longer", "offered")))
_RESERVED = re.compile(r"\b(?:until|unless|except|other than|only|nobody but|none but)\b", re.I)
_AWAY = re.compile(
    r"\b(?:away|aside|alone|against|free (?:of|from)|\w+ed of|out of|rid of|clear of|instead of|apart from"
    r"|(?:\w+(?:ed|en|pt)|safe) from|closed|(?:held|hold|kept|keeps?|turn\w*|stay\w*|cut|push\w*) (?:\w+ )?"
    r"(?:back|out|off|down)"
    r"|(?:leaves?|left|leaving|stays?|rul\w+|lock\w*|shut\w*|fad\w+|phas\w+|tak\w+|strip\w*) (?:\w+ ){0,4}(?:out|off)"
    r"|made way|(?:is|are) (?:history|over|past|out)|thing of the past)\b",
    re.I,
)
_DEPRECATION = stem("deprecate")
_PAST_ALONE = re.compile(r"\b(?:was|were|had|did|didn['’]t|wasn['’]t|weren['’]t)\b", re.I)
_PRESENT = re.compile(
    r"\b(?:is|are|has|have|can|cannot|will|does|do|must|may|now|no longer|again)\b"
    r"|\b(?:is|are|has|have|does|do|ca|wo)n['’]t\b",
    re.I,
)


def _is_past(text: str) -> bool:
    """Whether a text tells only how it was."""
    return bool(_PAST_ALONE.search(text)) and not _PRESENT.search(text)


def _lexical(text: str) -> frozenset[str]:
    """The stems of the words of a text that turn it without denying: what ends something, what is a fault."""
    spoken = WORD.findall(_NAMED.sub(" ", _THROWN.sub("exception", text)).lower())
    found = frozenset(stem(word) for word in spoken if word.startswith(_ENDING) or _is_fault(word))
    return found | {"off"} if _SWITCHED_OFF.search(text) or _SUPPORT_ENDED.search(text) else found


_ENDING = (*_ENDED, "delet", "deprecat")


def _ends(text: str) -> frozenset[str]:
    """The stems of the words of a text that end something."""
    return frozenset(stem(word) for word in WORD.findall(_NAMED.sub(" ", text).lower()) if word.startswith(_ENDING))


_PREDICATE_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|being|has|have|had|gets?|can|will|may|must|now)\s+(?:(?:now|also|again|already|been|be|\w+ly)\s+)*"
    r"(?P<verb>\w{3,})",
    re.I,
)


def _unknown_verb(text: str, held: frozenset[str]) -> bool:
    """Whether a text states something by a verb that is on no list and not on the other side: nobody knows its sign."""
    for match in _PREDICATE_VERB.finditer(text):
        word = match["verb"].lower()
        if re.search(r"(?:ed|en|wn)$", word) and not may_be_verb(word) and stem(word) not in held:
            return True
    return False


def _denied(text: str) -> list[frozenset[str]]:
    """What each denial of a text denies: the stems behind it."""
    cuts = list(_DENIAL.finditer(text))
    ends = [cut.start() for cut in cuts[1:]] + [len(text)]
    return [frozenset(content_stems(text[cut.end() : end])) for cut, end in zip(cuts, ends, strict=False)]


_WITHOUT_WHAT = re.compile(r"\s(?:without|ohne)\s(?P<what>.*)$", re.I | re.S)


def _sign_beside(clause: Clause, source: Clause) -> int:
    """The sign of a clause as to what another one says: "checks files without a server" denies no files there."""
    found = _WITHOUT_WHAT.search(clause.text)
    if not found or _VERB.search(found["what"]) or source.stems & set(content_stems(found["what"])):
        return clause.sign
    head = clause.text[: found.start()]
    return sign(_main(head)) if len(set(content_stems(head))) > 1 else clause.sign


_CONDITION = re.compile(
    r"\b(?:in|from|since|as of|starting with|until|before|with)\s+(?:version\s+|(?-i:[A-Z])[\w-]*\s+)?"
    # "From 1.2 to 1.4" is a change and no condition.
    r"(?P<version>\d+(?:\.\w+)+)\b(?!\.\w)(?!\s+to\b)",
    re.I,
)


def dropped_version(sentence: str, source: str, version: str) -> str:
    """A version that the source limits a statement to, that is not this release and that the sentence left out.

    The source clause counts only when it is the one that the sentence repeats. Returns "" when all is well.
    """
    if not _CONDITION.search(source):
        return ""
    parts = [part for part in re.split(r"(?<=[.!?])\s|\n|[()]", source) if part.strip()]
    for clause in clauses(sentence):
        best = max(parts, key=lambda part: _likeness(clause, part), default="")
        match = _CONDITION.search(best)
        if not match or _likeness(clause, best) < 0.7:
            continue
        limit = match["version"].lower()
        if limit not in sentence.lower() and not _covers(limit, version):
            return limit
    return ""


def _likeness(clause: Clause, part: str) -> float:
    stems = frozenset(content_stems(part))
    agree = 0.05 if sign(part) == clause.sign else 0.0
    return len(clause.stems & stems) / max(1, len(clause.stems)) + agree


def _covers(pattern: str, version: str) -> bool:
    """Whether a version or a pattern such as 5.1.x takes in the version of the release."""
    wanted = re.findall(r"\d+|x", pattern)
    given = re.findall(r"\d+", version)
    return all(want in ("x", have) for want, have in zip(wanted, given, strict=False))


_PIECE = re.compile(
    r"[.;:!?](?:\s|$)|,\s|\n|[()–—]|\s(?:and|but|because|so|while|whereas|although|which|that|as well as|or|with|to|for"
    r"|by|as|than|thanks to|following|making|helping|allowing|giving|letting|saving|including|even|without"
    r"|who|whose|can|will|now|no longer|is|are|was|were|has|have|must|may|does|do)\s",
    re.I,
)
_PAIR = re.compile(
    # "At start and refuse to start": what has an object of its own is a further verb.
    r"(?<![\w-])([\w-]{4,})(?= (?:and|or) ([\w-]{4,})\b(?! (?:to|it|them)\b)"
    # With a word between it is a pair of things only where no verb can follow: "the number and the branch".
    r"|(?: (?:and|or|as well as|and also))(?: (?:in|on|by|for|to|from|of|with|as|at))?"
    r"(?: (?:an?|the|its|their|your|any|all))? (?![\w-]+(?:ed|ing|ly)\b)([\w-]{4,})"
    r"(?:[.,;:!?)]|$| (?:in|on|by|for|to|from|of|with|as|at|when|if)\b))",
    re.I,
)
# What points back to something that was said: "in that period", and what says that all is left as it comes.
_POINTING_BACK = re.compile(
    r"\b(?:in|during|for|over|within|throughout|at|until|by|from) (?:that|this|these|those|the same)"
    r" (?:times?|periods?|moments?|cases?|situations?|ways?|points?|phases?|spans?|respects?|contexts?)\b"
    r"|\b(?:in the meantime|meanwhile)\b|\bwith this (?:release|version|update)\b"
    r"|\b(?:say|saying) (?:goodbye|farewell)\b"
    r"|\bwithout (?:changing|touching|any change of) (?:an?y?|the|your|any) (?:settings?|configuration|options?)\b"
    r"|\b(?:until|at|before|by|to|from|in|towards|since) the (?:very )?(?:end|beginning|start|course|middle)(?: of)?\b"
    r"|\b(?:if|when|where|as long as|while|unless) (?:nothing(?: else)?|none|you"
    r"|no (?:other )?(?:value|time|number|setting|limit))"
    r" (?:is|are|has been|have|do|does|did)? ?(?:not |nothing |otherwise )?"
    r"(?:set|configured?|given|defined?|specif(?:y|ied)|change[ds]?|chose|chosen|choose|said|entered|selected)"
    r"(?: (?:otherwise|anything|it|one|else))*\b",
    re.I,
)


# What somebody gains from it: the part of a sentence that inventions are made of.
_BENEFIT = re.compile(
    r"(?:,\s|\s)(?:(?:which|that|and)\s(?:now\s|also\s|thus\s|therefore\s)?"
    r"(?:lets|allows|helps|makes|means|gives|saves|keeps|brings|leads|results|enables|cuts|ensures|leaves|frees|turns)"
    r"|(?P<purpose>so)(?:\sthat)?(?=\s(?:you|your|we|they|it|the|no|all|every|users?|customers?|admins?|administrators?)\s)"
    r"|(?:letting|allowing|helping|making|giving|enabling|saving|ensuring|meaning|bringing|cutting|resulting|thereby"
    r"|freeing|leaving|thus))\s(?P<gain>[^.;]+)",
    re.I,
)


def benefits(text: str) -> list[tuple[str, bool]]:
    """The parts of a text that tell what comes of it ("which lets you ..."), and whether as a purpose ("so that")."""
    return [(match["gain"].strip(), bool(match["purpose"])) for match in _BENEFIT.finditer(text)]


_PREDICATE = re.compile(
    r",?\s(?:and|which|while)\s(?P<who>[^,.;:]{0,60}?)\b(?:now|is|are|can|will|has|have|gets?)\s(?P<what>[^,.;:]+)",
    re.I,
)


def further_predicates(text: str) -> list[str]:
    """What is said in a further part of a sentence of its subject: "..., and the tests now run in parallel".

    What denies ("and the others are excluded") often is the source's own denial in another word.
    """
    return [match["what"].strip() for match in _PREDICATE.finditer(text) if sign(f"is {match['what']}") > 0]


# "Two libraries were brought up to date: ...": a heading counts what follows, and the sentence shows what that is.
_HEADING = re.compile(
    r"^\s*(?:we|one|two|three|four|five|six|some|several|a few|a couple of|another|both|\d+)\b[^:.;!?]{3,60}:\s", re.I
)


def without_pointers(text: str) -> str:
    """A text without what only points to what is said elsewhere: "in that period", "if nothing is set", a heading."""
    return _POINTING_BACK.sub(" ", _HEADING.sub("", text))


def pieces(text: str) -> list[str]:
    """A text cut at every place where something may have been added to what the source says."""
    return [part for part in _PIECE.split(text) if part and part.strip()]


def pairs(text: str) -> list[tuple[str, str]]:
    """Two words that are joined by "and" or "or"."""
    found = [(match[1], match[2] or match[3]) for match in _PAIR.finditer(text)]
    return [(one, two) for one, two in found if not _VERB.search(two) and two.lower() not in STOP_WORDS]


_READS_AS_FAULT = re.compile(
    r"\b(?:fails?|cannot|can['’]t|can not|doesn['’]t|does not|unable|broken|crash(?:es)?|wrong|incorrect\w*|hangs)\b"
    # What nobody would ask for: "lookups are slow", "the banner is too large".
    r"|\b(?:is|are|was|were|looks?|feels?|gets?|becomes?|runs?|seems?)\s+(?:(?:\w+ly|very|quite|so|often|still)\s+)*"
    r"(?:slow(?:er)?|sluggish|stale|outdated|confusing|misleading|unreadable|illegible|unclear|ambiguous|noisy|unstable"
    r"|inaccurate|unresponsive|unusable|inefficient|ugly|cumbersome|impossible|hard to|difficult to|too \w+)\b",
    re.I,
)


def tells_fault(summary: str, *, kind: str) -> bool:
    """Whether a summary says what was wrong until now, so that its contrary holds from this release on."""
    return (kind in ("fix", "security") or bool(_READS_AS_FAULT.search(summary))) and not is_wish(summary)


def may_be_fault(summary: str, *, kind: str) -> bool:
    """Whether a summary that asks for nothing tells how things are, without saying whether that is good.

    "The tailer keeps the whole log in memory" is a complaint under an improvement as well as under a bug.
    """
    return (
        kind not in ("fix", "security")
        and not is_wish(summary)
        and not re.search(r"\b(?:now|no longer|from now on|support(?:ed|s)?|instead)\b", summary, re.I)
        and any(may_be_verb(word) for word in WORD.findall(summary)[1:] if word.endswith("s") and word.islower())
        and sign(summary) > 0
    )


_REPAIRED = re.compile(
    r"\b(?:fix\w*|no longer|not|never|without|resolved|mended|solved|corrected|repaired|any ?more|again|works?|working|"
    r"as expected|(?<!have )(?<!has )only|"
    r"(?:in)?correctly|rightly|properly|possible|instead)\b|n['’]t\b",
    re.I,
)


def repeats_fault(sentence: str, summary: str) -> bool:
    """Whether a sentence is the summary of a fault nearly word for word, without a word that it is mended."""
    said, told = (frozenset(content_stems(text)) - _WITHOUT_WEIGHT for text in (sentence, summary))
    told = frozenset(_without_syllable(one, said) for one in told)
    if len(told) < 3:
        return False
    if any(
        not re.search(rf"(?<![^\W_]){re.escape(repaired[0])}", summary, re.I)
        for repaired in _REPAIRED.finditer(sentence)
    ):
        return False
    if sign(sentence) != sign(summary) or _unknown_verb(sentence, told):
        return False
    if sign(summary) < 0 < min((part.sign for part in clauses(sentence)), default=1):
        return False
    instead = re.search(r"\b(?:instead of|rather than)\s", summary, re.I)
    if instead:
        # "After tax" where the fault is "before tax instead of after tax".
        right = set(WORD.findall(summary[instead.end() :].lower())) - set(
            WORD.findall(summary[: instead.start()].lower())
        )
        if right & set(WORD.findall(sentence.lower())) and not re.search(
            r"\b(?:instead of|rather than)\b", sentence, re.I
        ):
            return False
    missing, further = told - said, said - told
    if len(said & told) < 0.75 * len(said | told):
        return False
    # One word in the place of another may be what is right now: "sharp" for "blurred".
    return not (missing and further)


# Verbs that say little; a week or a year is a thing here.
_WITHOUT_WEIGHT = EMPTY_STEMS & frozenset(map(stem, words("put take run lie stay go come get seem")))


def _without_syllable(one: str, said: frozenset[str]) -> str:
    """ "stock" for "restock", where the other text has it."""
    return next((other for other in said if len(other) > 4 and one in (f"re{other}"[:7], f"un{other}"[:7])), one)


def _faults(text: str) -> list[str]:
    return [word for word in WORD.findall(text.lower()) if _is_fault(word)]


def _denials(text: str) -> int:
    spoken = (word.replace("’", "'") for word in WORD.findall(text.lower()))
    return sum(word in _NEGATIONS or word.endswith("n't") for word in spoken) % 2
