"""Words without their endings, and words for one thing: what makes two texts comparable.

English is stemmed lightly and Chinese, Japanese and Korean are cut into pairs of characters, so that a
text in any language can be compared with another in the same one. Nothing here knows any release.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from campaigns.drafting.names import initials
from campaigns.drafting.tokens import CJK, URL, WORD, words

_CJK_RUN = re.compile(rf"[{CJK}]+")
STOP_WORDS = words("""
a about above after again against all along already also am an and any are as at be because been before being below
between both but by can could did do does doing down during each either else even ever every few for from further get
gets getting given gives go goes had has have having he her here hers him his how i if in into is it its itself just
let lets like made make makes many may me might more most much must my near need needs neither new newly next no nor
not now of off often on once one only onto or other others our out over own per please rather same see several she
should since so some still such than that the their them then there these they this those though through thus to
together too toward under until up upon us use used user users uses using various very via was way we well were what
when where whether which while who whom whose why will with within without would yet you your yours got around despite
however therefore thereby meanwhile otherwise whenever wherever
beside besides among amid towards unlike past
nobody nothing everybody everyone everything somebody someone something anybody anyone anything whoever whatever
""")
# Verbs with which a summary may ask for something ("Add a filter").
IMPERATIVES = words("""
add adjust adopt align allow apply avoid begin bring build bump bundle cache change check clarify clean close
collect combine configure consolidate convert copy correct count create decrypt deprecate detect disable
disallow display document drop eliminate enable encode encrypt enforce enhance ensure escape expand export
expose extend extract filter fix forbid force format generate handle hide honor honour ignore implement import
improve include increase integrate introduce invalidate isolate keep let limit list load lock log make manage
mark measure merge migrate mitigate modernise modernize modify move notify offer open optimise optimize order
parse pass permit persist prefer preserve prevent print process prohibit propagate protect provide publish raise
rationalise rationalize record redesign reduce refine refresh refuse reject relax release remember remove rename
render reorder replace report require reset resolve respect restore restrict retry return reuse revert rework
rewrite rotate round run save secure select send separate serve set shorten show simplify skip sort specify
split start stop store stream strip support suppress switch sync throw track translate treat trigger trim turn
unbundle unify update upgrade use validate verify wait warn wrap write
""")
# A first word that is a verb here, unless it reads as a noun: "Cache invalidation ...", "Import dialog ...".
NOUN_TOO = words(
    "cache check count export filter format import list load lock log order process record release report "
    "reset return round run set sort start stop store stream support switch track trigger update upgrade use "
    "build change copy display document escape force handle limit mark measure merge open print raise refresh "
    "select show"
)
DETERMINERS = words("the a an all any each every its their more some support new option options custom user-defined")

# Words for one thing: the checks take any of a line for any other. Plain English, no product's terms.
_SAME = """
setting parameter option property config configuration configure flag
wrong incorrect faulty erroneous inaccurate
allow permit enable possible support able
disallow forbid prohibit reject refuse
upgrade update bump
remove drop delete unbundle eliminate discontinue
fail failure error fault break broken problem exception bug
work function operate
show display appear list
add introduce include contain
replace switch convert change swap
decide control determine govern
reuse pool
cache pooled
large big huge
small little tiny
start launch begin init initialise initialize
stop end halt terminate
create generate produce
faulty defect
return give yield
keep maintain retain preserve
missing absent lack
hang loop stuck freeze deadlock stall
crash abort
fast quick speed
slow delay
require need depend
dependency library
query select
read load fetch download
write insert store save
vulnerability cve security hole
bundle ship package
sign signature
address url
interface ui
ignore skip disregard omit overlook
take draw obtain
"""


# Forms of verbs that no ending tells.
IRREGULAR = {
    "kept": "keep", "sent": "send", "built": "build", "brought": "bring", "made": "make", "lost": "lose",
    "left": "leave", "held": "hold", "hidden": "hide", "shown": "show", "written": "write", "wrote": "write",
    "seen": "see", "thrown": "throw", "chosen": "choose", "begun": "begin", "paid": "pay", "undone": "undo",
    "broke": "break", "broken": "break", "taken": "take", "took": "take", "given": "give", "gave": "give", "ran": "run",
    "began": "begin", "found": "find", "fell": "fall", "fallen": "fall", "drawn": "draw", "drew": "draw",
    "grown": "grow", "grew": "grow", "known": "know", "knew": "know", "told": "tell", "sold": "sell", "bought": "buy",
    "caught": "catch", "met": "meet", "led": "lead", "spent": "spend", "stolen": "steal", "froze": "freeze",
    "frozen": "freeze", "hung": "hang", "came": "come", "became": "become", "chose": "choose", "threw": "throw",
    "went": "go", "stood": "stand", "stuck": "stick", "meant": "mean", "felt": "feel", "won": "win",
    "bound": "bind", "overwritten": "overwrite", "rewritten": "rewrite", "rebuilt": "rebuild",
}  # fmt: skip


def stem(word: str) -> str:
    """A crude stem: endings off, at most seven letters, one word for synonyms."""
    return _stem(word.lower())


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    bare = _bare(IRREGULAR.get(word, word))
    return _SYNONYM.get(bare, bare)


# Nouns that only look like those of verbs.
_AS_THEY_ARE = words("version fashion mission function fraction section vision pension dimension tension")
_NO_PLURALS = words("alias canvas bias atlas always https across perhaps sometimes")


# Nouns of verbs, with what the verb has in the place of their ending: "conversion" for "convert".
_NOMINAL = (
    ("ibility", "ibl"),
    ("ability", "abl"),
    ("cription", "crib"),
    ("nsion", "nd"),
    ("rsion", "rt"),
    ("ision", "id"),
    ("lusion", "lud"),
    ("ssion", "ss"),
    ("ction", "ct"),
    ("ption", "pt"),
    ("etion", "et"),
    ("ification", "if"),
    ("solution", "solv"),
)
_OF_NOUNS = tuple(ending for ending, _ in _NOMINAL)
_ENDINGS = (
    "isation", "ization", "ation", "ition", "ingly", "edly", "ance", "ence", "ment", "ness", "able", "ible", "ably",
    "ally", "abl", "ibl", "ing", "ied", "ed", "ly", "er", "or", "al", "ise", "ize", "ive", "ity",
)  # fmt: skip
# "Moved", "moving" and "move" are one word, "embed" and "speed" have no such ending.
_SHORT_VERB = re.compile(r"[^\Waeiou][aeiou][^\Waeiouy](?:e|ed|ing)")
# What is left of "validated" and "validation": the verbs in -ate lose it, "repeated" and "floating" do not.
_ATE = re.compile(r"(?<=[^aeo\W])at$")


def _bare(word: str) -> str:
    word = word.replace("’", "'")
    for ending in ("'s", "s'"):
        if word.endswith(ending):
            word = word[:-2]
    if len(word) > 4 and word.endswith(("ies", "ied")):
        word = word[:-3] + "y"
    elif len(word) > 4 and word.endswith(("sses", "ches", "shes", "xes", "zes")):
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) and word not in _NO_PLURALS:
        word = word[:-1]
    for ending, instead in _NOMINAL if word.endswith(_OF_NOUNS) else ():
        if word.endswith(ending) and len(word) - len(ending) >= 2 and word not in _AS_THEY_ARE:
            word = word[: -len(ending)] + instead
            break
    verb = word.endswith(("ate", "ated", "ating", "ator", "ative"))
    for ending in _ENDINGS if word.endswith(_ENDINGS) and not word.endswith("eed") else ():
        if word.endswith(ending) and (len(word) - len(ending) >= 4 or _SHORT_VERB.fullmatch(word)):
            word = word[: -len(ending)]
            break
    else:
        word = word[:-3] if len(word) > 7 and word.endswith("tion") else word
    if verb and len(word := word.removesuffix("e")) > 5:
        word = _ATE.sub("", word)
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls" and word != "sett":
        word = word[:-1]
    if (len(word) > 4 and word[-1] in "ey") or _SHORT_VERB.fullmatch(word):
        word = word[:-1]
    return word[:7]


_SYNONYM = {
    _bare(word): _bare(line.split()[0]) for line in reversed(_SAME.strip().splitlines()) for word in line.split()
}


# "Files > 2 GB".
_COMPARED = re.compile(r"(?<=\s)[<>≤≥](?==?\s?\d)")


#: Words that say nothing of one issue: a sentence about any of them may have these.
EMPTY_STEMS = frozenset(
    map(
        stem,
        words(
            "release released version available fixed fix new change changed coming now longer thing things case cases "
            "work come go fall lie stay run take put become happen occur seem want treat elsewhere today "
            # Figures are looked at as figures.
            "two three four five six seven eight nine ten hundred thousand million second seconds minute minutes hour "
            "hours day days week weeks month months year years percent "
            "bytes kilobytes megabytes gigabytes terabytes kb mb gb tb "
            # How much, and that it is right now.
            "half far later separate away back aside apart first single time times correctly properly intended expected"
        ),
    )
)


def stems_of(text: str) -> list[str]:
    """The different stems of a text, as `read` has them, and nothing else of it."""
    return sorted(set(content_stems(URL.sub(" ", text))))


def content_stems(text: str) -> list[str]:
    """The stems of the words that carry meaning, in order; the parts of identifiers count as words."""
    split = _camel(_COMPARED.sub(lambda sign: " larger " if sign[0] in ">≥" else " smaller ", text.replace("_", " ")))
    stems = [_stem(word) for word in WORD.findall(split.lower()) if len(word) > 1 and not _says_nothing(word)]
    for run in _CJK_RUN.findall(text):
        stems += [run[place : place + 2] for place in range(max(1, len(run) - 1))]
    return stems


# "It's", "you've" and "isn't" say no more than it, you and is.
_CONTRACTED = re.compile(r"(?:n['’]t|['’](?:s|ve|re|ll|d|m))$")


def _says_nothing(word: str) -> bool:
    return word in STOP_WORDS or (("'" in word or "’" in word) and _CONTRACTED.sub("", word) in _CONTRACTIBLE)


_CONTRACTIBLE = STOP_WORDS | words("ca wo sha")


@lru_cache(maxsize=16384)
def _camel(text: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)


# An X at the head of an abbreviation is a word that only sounds like one: extensible, cross.
_SPELT = {"x": ("x", "ex", "cross")}


_PREFIX = re.compile(r"(?:dis|un|in|re|de|non|mis|pre|over|auto|sub)(?=[a-z]{5})")


def _derived(lowered: list[str], source: str) -> set[str]:
    """Stems of words that differ from one of the source by a syllable in front: "connection" for "disconnects"."""
    plain = set(WORD.findall(source.lower()))
    bare = {_bare(word[match.end() :]) for word in plain if (match := _PREFIX.match(word))}
    short = {_bare(word) for word in plain if len(word) > 4}
    found = {_stem(word) for word in lowered if len(_bare(word)) > 4 and _bare(word) in bare}
    return found | {
        _stem(word) for word in lowered if (match := _PREFIX.match(word)) and _bare(word[match.end() :]) in short
    }


@lru_cache(maxsize=2048)
def abbreviated(text: str, source: str) -> frozenset[str]:
    """Stems of a text that the source spells in another way: "primary key" for PK, NPE in full, "bulkload" in one."""
    found: set[str] = set()
    short = {word.lower() for word in re.findall(r"\b[A-Z]{2,5}\b", source)}
    spoken = WORD.findall(text)
    lowered = [word.lower() for word in spoken]
    for word in short - set(lowered):
        if word in ("id", "or", "and", "in", "as", "of", "on", "is", "to"):
            continue
        for place in range(len(lowered) - len(word) + 1):
            run = lowered[place : place + len(word)]
            if all(part.startswith(_SPELT.get(letter, letter)) for part, letter in zip(run, word, strict=True)):
                found.update(map(_stem, run))
    for name in re.findall(r"\b(?:[A-Z][a-z]+){2,5}\b", text):
        if initials(name, name) in short:
            found.update(content_stems(name))
            found.add(name.lower())
    # "bulk load" and "bulkload", "pushed down" and "pushdown".
    joined = "".join(character for character in source.lower() if character not in " -_")
    letters = source.lower()
    for one, two in pairwise(lowered):
        if len(one) > 2 and len(two) > 2 and f"{_bare(one)}{_bare(two)[:5]}" in letters:
            found.update((_stem(one), _stem(two)))
    found.update(_stem(word) for word in lowered if len(word) > 7 and word in joined)
    found.update(_derived(lowered, source))
    own = {word for word in spoken if len(word) > 1 and word.isupper()}
    if own:
        humps = {initials(name, name) for name in re.findall(r"\b(?:[A-Z][a-z]+){2,5}\b", source)}
        plain = [word.lower() for word in WORD.findall(source)]
        for word in own:
            size = len(word)
            runs = ("".join(part[0] for part in plain[at : at + size]) for at in range(len(plain) - size + 1))
            if word.lower() in humps or word.lower() in runs:
                found.update((_stem(word.lower()), word.lower()))
    return frozenset(found)
