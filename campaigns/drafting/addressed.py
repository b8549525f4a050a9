"""Orders to the reader that would cost them something, and lines of an issue that do not belong to it.

A feature is often called by what one does with it ("Download invoices"), so a verb at the head is no order yet. It is
one where it hands something to us, takes the reader's guard away, or goes by the moment of the update.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaigns.drafting.findings import Problem
from campaigns.drafting.languages import is_foreign
from campaigns.drafting.stems import DETERMINERS, EMPTY_STEMS, IMPERATIVES, NOUN_TOO, content_stems
from campaigns.drafting.tokens import SENTENCE_END, words

#: What people do with a product, beside what a ticket asks of it: "Download invoices", "Follow a ticket".
OF_USERS = words("""
access act answer approve archive arrange ask assign attach attend block book browse buy call capture chat choose click
comment compare compose confirm connect consult contact cross-check customise customize decline delegate delete
dictate discover divide download draft drag draw drop edit embed email enter estimate exchange explore file fill find
follow forward grant group hand hear highlight inspect install invite join jump learn leave link look maintain manage
map mention message mute navigate note notice order organise organize overlay pair park pause pay personalise
personalize pick pin place plan play post preview pull push put quote rate reach react read rearrange reassign receive
record redo refer register remind rent reorder repeat reply request reschedule reserve respond resume review scan
schedule search see share shift sign silence sketch snooze solve sort speak spot star submit subscribe suggest swap
swipe tag take talk tap test text trade train transfer travel try type undo unlink unlock unpin unsubscribe upload view
visit vote walk watch withdraw work zoom
""")
# What one does for others, or to one's own machine.
_MORE = words("""
accept add append authorise authorize back bypass change clear deactivate dismiss do download drive empty execute fetch
get give go grant hurry import install lend let lower make mail memorise memorize note open pass permit place post pull
push reboot restart run sell send stop supply surrender suspend switch tell trust turn uninstall unpack unzip wash
weaken whitelist wire write
""")
VERBS = IMPERATIVES | OF_USERS | _MORE
_HEAD = r"(?:^|[.!?:;]\s+|\b(?:please|then|must|should|can|may|and|have to|has to|need to|needs to|are to|is to|to)\s+)"
_VERB = rf"(?:{'|'.join(sorted(map(re.escape, VERBS), key=len, reverse=True))})"
# In the clause of the verb.
_ON = r"[^.!?:;]{0,80}?"
_PROTECTION = (
    r"(?:firewalls?|anti-?virus\w*|(?:virus|malware) (?:scann\w*|protection|checks?)|spam filters?|endpoint protection"
    r"|(?:certificate|signature|browser|security) (?:warnings?|errors?|alerts?|checks?)|access controls?)"
)
_RIGHTS = (
    r"(?:(?:admin\w*|root|owner|full|super-?user|domain|sudo|remote)[\s-]+)(?:rights?|access|privileges?|permissions?)"
)
_KEYS = r"(?:authorized_keys|sudoers|(?:trusted )?root certificates?|trust stores?|recovery (?:phrases?|codes?|keys?))"
_GUARD = re.compile(
    # A switch of the product has no "your" and no "the": "Ignore certificate errors of test hosts".
    rf"{_HEAD}(?:disable|turn off|switch off|deactivate|stop|suspend|pause|skip|ignore|dismiss|bypass|accept|override"
    rf"|remove|uninstall|lower|weaken|disregard|click through)\s+(?:the|your|all|any|every|each|this|a)\s+"
    rf"(?:[\w-]+\s+){{0,2}}?{_PROTECTION}\b"
    rf"|{_HEAD}(?:grant|give|assign|hand|add|allow|make|lend){_ON}\b{_RIGHTS}\b(?:{_ON}\b(?:our|us|your)\b)"
    rf"|{_HEAD}(?:grant|give|assign|hand|add|allow|make|lend){_ON}\b(?:our|us|\w+_\w+)\b{_ON}\b{_RIGHTS}\b"
    rf"|{_HEAD}(?:add|append|import|install|put|copy|place|trust|paste|share|send|tell|give){_ON}\b{_KEYS}\b",
    re.I,
)
_ABLE = re.compile(r"\b(?:can|could|may|able|possible|lets?|allows?|option|whether)\b", re.I)
_GIVES = re.compile(
    rf"{_HEAD}(?!(?:let|make|help)\b){_VERB}(?!\s+(?:is|are|was|were)\b)\s+us\b(?!\s+(?:states|dollars?|english)\b)"
    rf"|{_HEAD}(?:send|give|tell|text|e?-?mail|forward|show|report|post){_ON}\bto us\b"
    r"|\bwe (?:urge|ask|advise|recommend|beg|want|require|need)(?: that)? you\b",
    re.I,
)
_ATTACHED = re.compile(
    rf"{_HEAD}(?:open|view|read|see|run|start|unpack|unzip|save|use|install)\s+(?:the|this|our) (?:attachment"
    rf"|attached|enclosed)\b"
    r"(?=\W*$|\s+(?:to|and|at|now|below|file|document|program|form)\b)",
    re.I,
)
_THIS_MAIL = re.compile(
    rf"(?:^|[.!?:;]\s+){_VERB}\b{_ON}\bthis (?:e-?mail|mail|message|letter|newsletter|note)\b(?! (?:of|from|view"
    rf"|window))",
    re.I,
)
_BY_THE_UPDATE = re.compile(
    rf"(?:^|[.!?:;]\s+){_VERB}\b(?!\s+(?:is|are|was|were|can|has|have)\b){_ON}\b(?:before|until|while|after|once|when) "
    r"(?:you (?:have )?(?:update|upgrade|install)\w*|the (?:update|upgrade|installation|setup)\b)",
    re.I,
)
_IN_LATER_MAIL = re.compile(
    r"\b(?:links?|buttons?|codes?|numbers?|addresses?|instructions?|steps?|attachments?)\s+(?:in|of|from|with)\s+"
    r"(?:our|the|this|a)\s+(?:next|following|second|other|last|separate|coming)\s+(?:e-?mails?|mails?|messages?|letters?|sms|texts?)\b"
    r"|\b(?:texts?|sms|dials?|repl(?:y|ies))\s+(?:[\w-]+\s+)?(?:the (?:words?|codes?|numbers?)|[A-Z]{3,}|us|your)\b"
    r"[^.!?]{0,40}(?<!up )\bto\s+\+?\d{4,}"
    r"|\b(?:use|enter|redeem|apply|type|give|with|by)\s+(?:the |our |this |your )?(?:\w+ "
    r")?codes?\s+[\"'“]?(?-i:[A-Z0-9-]{4,})"
    r"[^.!?]{0,60}\b(?:discount|off|free|reduction|cheaper|save|gift|voucher|rebate)\b",
    re.I,
)


_ORDERS = (_GIVES, _ATTACHED, _THIS_MAIL, _BY_THE_UPDATE)


def find(text: str, *, orders: bool) -> Iterator[Problem]:
    """What a text has the reader do to their own harm, anywhere; what it has them do for us, where no step may "
    "stand."""
    guard = next((one for one in _GUARD.finditer(text) if not _is_choice(text, one)), None)
    if guard:
        quote = _quoted(guard)
        yield Problem("guard", f"“{quote}” would leave readers with less protection. No mail may ask for that.", quote)
    bait = _IN_LATER_MAIL.search(text)
    if bait:
        yield Problem("bait", f"“{_quoted(bait)}” is how fraudulent mail talks.", _quoted(bait))
    order = next(filter(None, (pattern.search(text) for pattern in _ORDERS)), None) if not orders else None
    if order:
        yield Problem("order", f"“{_quoted(order)}” tells readers to do something. Only the section with the required "
                      "action may do that.", _quoted(order))  # fmt: skip


def _quoted(match: re.Match[str]) -> str:
    return match[0].strip(" .:;!?")


def _is_choice(text: str, match: re.Match[str]) -> bool:
    """Whether it is what a switch of the product lets somebody do, and not to what is the reader's own."""
    clause = re.split(r"[.!?:;]", text[: match.start() + 1])[-1]
    return bool(_ABLE.search(clause)) and not re.search(r"\b(?:your|our|us)\b", match[0], re.I)


def is_imperative(text: str) -> bool:
    """Whether a sentence has its verb at the head and nobody who does it: "Choose a colour", not "Order lines "
    "show it"."""
    first, _, rest = text.partition(" ")
    verb, following = first.lower(), (rest.split() or [""])[0].lower().rstrip(",.")
    if verb not in VERBS or (first.isupper() and len(first) > 1) or not following:
        return False
    if following in words("of is are was were has have can will no now does do"):
        return False
    is_noun = verb in NOUN_TOO or not _ONLY_VERB.fullmatch(verb)
    return not (is_noun and following not in DETERMINERS | _OBJECTS and _VERB_OF_A_NOUN.search(rest))


_OBJECTS = words("this that these those your our his her us me it them to as by at on in up off out")
# Verbs that are never the first part of a noun such as "order lines".
_ONLY_VERB = re.compile(
    r"accept|add|allow|append|choose|configure|deactivate|give|grant|send|tell|remove|enter|write|wash"
)
_VERB_OF_A_NOUN = re.compile(
    r"^(?:[\w-]+\s+){0,4}?(?:is|are|was|were|works?|has|have|can|could|will|no longer|now|fails?|does|do|shows?|stays?"
    r"|keeps?|lists?|needs?|carry|carries|get|gets|contains?|remains?|ends?|starts?|loads?|loses?)\b",
    re.I,
)


# What makes a noun of the verb before it: "download links", "share buttons".
_COMPOUND = words("""
bar button buttons center centre count counts dialog dialogs error errors field fields folder folders history icon icons
limit limits link links list lists log logs manager menu mode option options page pages panel queue rate rates result
results rule rules screen setting settings speed state status time times tool tools view views
""")
_PURE = words(
    "act approve arrange choose connect customise customize decline delegate delete divide download follow "
    "forward hear "
    "invite learn maintain mention personalise personalize react reach rearrange reassign receive reorder respond "
    "resume "
    "see share subscribe swap take talk unlink unlock unpin unsubscribe upload withdraw"
)
_BEHIND_A_VERB = words("on in to from by with through several many multiple more two three up a an the any all your")


def as_ability(summary: str, *, future: bool) -> str:
    """A feature that is called by what one does, as what one can do; "" where the verb may be a noun."""
    first, _, rest = summary.partition(" ")
    verb, following = first.lower(), (rest.split() or [""])[0].lower()
    if verb not in OF_USERS - IMPERATIVES or not first[1:].islower() or _VERB_OF_A_NOUN.search(rest):
        return ""
    things = verb in _PURE and re.fullmatch(r"[a-z-]{3,}(?<!s)s", following) and following not in _COMPOUND
    if not things and following not in _BEHIND_A_VERB:
        return ""
    return f"You {'will be able to' if future else 'can now'} {verb} {rest.rstrip('.')}."


def without_strays(summary: str, note: str, *, breaking: bool) -> tuple[str, str]:
    """Summary and note without what is said to the reader, or in another language than the rest, and is no news.

    A sentence of a note that has its verb at the head tells how to use what is new: it has a word of its issue then.
    The step of a `breaking` change is one whatever its words.
    """
    left = summary
    if not breaking and any(find(summary, orders=False)):
        left = ""
    parts = [part for part in SENTENCE_END.split(note) if part.strip()]
    kept = [part for place, part in enumerate(parts)
            if not _is_stray(part, f"{summary if left else ''} {' '.join(parts[:place])} {' '.join(parts[place + 1:])}",
                             breaking=breaking)]  # fmt: skip
    return left, note if len(kept) == len(parts) else "\n".join(kept)


def _is_stray(sentence: str, rest: str, *, breaking: bool) -> bool:
    if is_foreign(sentence) and not is_foreign(rest):
        return True
    if breaking:
        return False
    if any(find(sentence, orders=False)):
        return True
    shared = set(content_stems(sentence)) & set(content_stems(rest)) - EMPTY_STEMS
    return is_imperative(sentence.strip("-*• ")) and not shared
