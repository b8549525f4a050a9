"""Does a statement say that something is so, or that it is not, ends or fails? Words of denial, of ending and of fault.

English, with the commonest words of German and Chinese, by counting: no list has a word of any product in it.
"""

from __future__ import annotations

import re

from campaigns.drafting.relations import may_be_verb
from campaigns.drafting.stems import DETERMINERS, IMPERATIVES, NOUN_TOO, content_stems, stem
from campaigns.drafting.tokens import WORD, words

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
        "exclud exempt hide hidden hiding skip omit suppress entfern entfällt abgeschalt deaktivier"
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
NO_DENIAL = re.compile(
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
# Of what is asked for or to come, the same words are a time limit: "Convert your files before this release".
_UNTIL_THEN = re.compile(r"\bbefore this\b(?: (?:release|version|update|upgrade))?,?", re.I)
_TO_BE_DONE = re.compile(
    r"\b(?:please|must|should|shall|will|ought to|needs? to|(?:has|have) to|make sure|be sure)\b"
    r"|^\W*(?:do not|don['’]t|never)\b",
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
    # "On and off" is either.
    r"\b(?:switch|turn)(?:ed|s|es|ing)?\s(?:\w+\s){0,3}?(?<!\bon and )(?<!\bon or )off\b"
    r"|\b(?:say|says|said|saying)\s(?:goodbye|farewell)\b|"
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


def asks(text: str) -> bool:
    """Whether a text says what somebody is to do or what is to come, and not how things are or were."""
    bare = _UNTIL_THEN.sub(" ", text)
    if _TO_BE_DONE.search(bare):
        return True
    first, *others = WORD.findall(bare.lower())[:2] or [""]
    # "Update your agents" is no news of an update.
    follows = DETERMINERS | {"your", "our", "it", "them", "this", "that"}
    return first in IMPERATIVES and (first not in NOUN_TOO or not follows.isdisjoint(others))


def sign(text: str) -> int:
    """+1 when a statement says that something is or works, -1 when it says that it is not or fails."""
    text = _FAULT_AS_TOPIC.sub(" ", _NAMED.sub(" ", _THROWN.sub("exception", text)))
    if asks(text):
        text = _UNTIL_THEN.sub(" ", text)
    if _PAST.search(text):
        return -_sign(_PAST.sub(" ", text))
    return _sign(text)


def _sign(text: str) -> int:
    text = _SUBJECT_WITHOUT.sub(" ", _ATTRIBUTE.sub(" ", NO_DENIAL.sub(" ", text)))
    turns = _turns(text)
    faulty = has_fault(text)
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


def has_fault(text: str) -> bool:
    """Whether a text names something that goes wrong."""
    spoken = WORD.findall(text.lower())
    return any(map(_is_fault, spoken)) or bool(
        _TWICE.search(text) or _BREAKS.search(text) or _FAULT_IN_CJK.search(text)
    )


def _is_fault(word: str) -> bool:
    return word in _FAULT_WORDS or (word.startswith(_FAULT) and not word.startswith(_NO_FAULT))


DENIAL = re.compile(
    r"\b(?:no longer|any ?more|not|no|never|without|cannot|neither|nor|unable|none|nothing|nobody|hardly|nicht"
    r"|keine?[nr]?|nie|niemals|ohne)\b|n['’]t\b",
    re.I,
)


def turning_words(text: str) -> frozenset[str]:
    """The stems of the words of a text that turn it without denying: what ends something, what is a fault."""
    spoken = WORD.findall(_NAMED.sub(" ", _THROWN.sub("exception", text)).lower())
    found = frozenset(stem(word) for word in spoken if word.startswith(_ENDING) or _is_fault(word))
    return found | {"off"} if _SWITCHED_OFF.search(text) or _SUPPORT_ENDED.search(text) else found


_ENDING = (*_ENDED, "delet", "deprecat")


def ending_words(text: str) -> frozenset[str]:
    """The stems of the words of a text that end something."""
    return frozenset(stem(word) for word in WORD.findall(_NAMED.sub(" ", text).lower()) if word.startswith(_ENDING))


_PREDICATE_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|being|has|have|had|gets?|can|will|may|must|now)\s+(?:(?:now|also|again|already|been|be|\w+ly)\s+)*"
    r"(?P<verb>\w{3,})",
    re.I,
)


def unknown_verb(text: str, held: frozenset[str]) -> bool:
    """Whether a text states something by a verb that is on no list and not on the other side: nobody knows its sign."""
    for match in _PREDICATE_VERB.finditer(text):
        word = match["verb"].lower()
        if re.search(r"(?:ed|en|wn)$", word) and not may_be_verb(word) and stem(word) not in held:
            return True
    return False


def scopes_of_denial(text: str) -> list[frozenset[str]]:
    """What each denial of a text denies: the stems behind it."""
    cuts = list(DENIAL.finditer(text))
    ends = [cut.start() for cut in cuts[1:]] + [len(text)]
    return [frozenset(content_stems(text[cut.end() : end])) for cut, end in zip(cuts, ends, strict=False)]


def is_denied(text: str) -> bool:
    """Whether a text has an odd number of words of denial, whatever fault or ending it names."""
    spoken = (word.replace("’", "'") for word in WORD.findall(text.lower()))
    return sum(word in _NEGATIONS or word.endswith("n't") for word in spoken) % 2 == 1
