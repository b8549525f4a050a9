"""What no mail may hold, however well it rests on an issue: anybody who can write to Jira may have written it.

A sentence that is copied from an issue is perfectly grounded, so these rules look at the sentence alone. All block.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from campaigns.drafting import hosts, masking
from campaigns.drafting.facts import Facts
from campaigns.drafting.findings import BLOCKING, Finding
from campaigns.drafting.text import DraftText, Sentence

PLACEHOLDERS = ("first_name", "client_name")
ORDER_BLOCKS = ("action", "breaking")

_LOOKALIKES = str.maketrans(
    "аеорсухіјѕкмтвнԁԛԝьАЕОРСУХІЈЅКМТВНοανικρτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijskmtbhdqwbAEOPCYXIJSKMTBHoavikptuxABEZHIKMNOPTYX",
)
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*://|\bwww\.|\bmailto:|\bjavascript:|\bdata:)[^\s<>\"']*", re.I)
_DISGUISED_HOST = re.compile(r"\bhxxps?\b|\[\.\]|\(\.\)|\[dot\]|\(dot\)|\w\s+dot\s+(?:com|net|org|example|io)\b", re.I)
_CREDENTIAL = (
    r"(?:pass(?:word|phrase|code)s?|pin codes?|credentials?|log[- ]?ins?|accounts?|bank\w*|payments?|invoices?|"
    r"gift cards?|credit cards?|card (?:number|details)|one[- ]time codes?|security codes?|otp|api[- ]keys?|"
    r"private keys?|tokens?|wallets?|bitcoins?|identity|social security|personal (?:data|details|information))"
)
_ASK = (
    r"(?:confirm|verify|validate|enter|re-?enter|provide|send|submit|share|give|tell|supply|type|update|reset|change|"
    r"unlock|re-?activate|pay|transfer|wire|log[- ]?in|sign[- ]?in|reply with|"
    r"forward|disclose|reveal|e?-?mail|check|secure|hand over|hand in|surrender)"
)
_ASKED_CREDENTIAL = re.compile(
    rf"\b{_ASK}\b(?:\W+\w+){{0,4}}?\W+(?:your|their|his|her|the user'?s?|our)\W+(?:\w+\W+){{0,2}}?{_CREDENTIAL}\b"
    rf"|(?:^|[.!?:;]\s*|\bplease\s+|\b(?:must|should|need to|have to|to)\s+){_ASK}\W+(?:\w+\W+){{0,3}}?{_CREDENTIAL}\b"
    r"(?!.*\b(?:now|no longer|works?|fails?|fixed|broken|is|are|was|does)\b)"
    rf""
    rf"|\byour\W+(?:\w+\W+){{0,2}}?{_CREDENTIAL}\b(?!(?:\W+\w+){{0,2}}\W+no longer)"
    rf"(?:\W+\w+){{0,6}}?\W+(?:expire|suspend|lock|block|clos|compromis|verif|confirm|need|must)",
    re.I,
)
# What somebody may do with the product is news of it: "Users can change their password".
_ABLE = re.compile(
    r"\b(?:can|could|may|able to|possible to|lets?|allows?|option to|ability to)\b(?:\W+\w+){0,4}?\W*$", re.I
)
# The same in other languages: somebody is addressed, something is asked for, and it is a credential.
_ADDRESSED = re.compile(
    r"\b(?:bitte|müssen|sollen|sollten|Sie|Ihr(?:e|en|em)?|veuillez|devez|doivent|votre|vos|por favor"
    r"|debe[ns]?|deben|su|"
    r"sus|prego|deve|devono|vostr\w+|alstublieft|moet(?:en)?|uw|prosz\w+|musi\w*|twoj\w+|devem|sua|seu)\b"
    r"|请|必须|您|你|所有用户|ください|必ず|お客様|하세요|주세요|반드시|고객",
    re.I,
)
_ASKED_ABROAD = re.compile(
    r"\b(?:bestätig|send|schick|übermitt|mitteil|eingeb|angeb|verifizier|confirm|envoy|saisi|communiqu|vérifi|envi|"
    r"introdu|proporcion|verifi|conferm|invi|inseri|forni|bevestig|stuur|verstuur|invoer|potwierd|wyśl|podaj|prześl|"
    r"inform|digit)\w*|确认|發給|发给|发送|提供|输入|提交|验证|確認|送信|入力|送って|확인|보내|입력|제공",
    re.I,
)
_CREDENTIAL_ABROAD = re.compile(
    r"\b(?:passwor[dt]\w*|kennw[oö]rt\w*|zugangsdaten|anmeldedaten|bankverbindung|kreditkarte\w*|kontonummer|"
    r"mots? de passe|identifiants|cartes? bancaires?|coordonnées bancaires|contraseñas?|credenciales|tarjetas?|"
    r"credenziali|carta di credito|wachtwoord\w*|inloggegevens|hasł[oaem]|dane logowania|senhas?|credenciais|cartão)\b"
    r"|密码|密碼|口令|银行卡|信用卡|验证码|パスワード|暗証番号|クレジットカード|비밀번호|카드|계좌",
    re.I,
)
_MACHINE_ORDER_ABROAD = re.compile(
    r"(?:\b(?:ignorier|ignor(?:ez|er|es|a|ar|ad|e)\b|vergiss|oublie|olvid|dimentic|negeer|zignoruj|esque[cç])\w*|"
    r"忽略|无视|忘记|無視|무시).{0,50}?"
    r"(?:\b(?:anweisung|instru[ck]|istruzion|consigne|vorgabe|befehl|polece|prompt)\w*|指令|指示|说明|提示|命令|지시|명령|"
    r"プロンプト)",
    re.I,
)
_COMMAND = re.compile(
    r"\b(?:curl|wget|iwr|invoke-webrequest|powershell|certutil)\b[^\n]{0,80}(?:\||https?:|\.sh\b|\.ps1\b|\.exe\b)"
    r"|\|\s*(?:sudo\s+)?(?:ba|z|k)?sh\b|\brm\s+-rf\b|\bscan\b.{0,30}\bQR\b",
    re.I,
)
# Not even where steps are asked for.
_NEVER_ORDERED = re.compile(
    r"(?:^|[.!?:;]\s+|\bplease\s+|\b(?:must|should|have to|need to)\s+)(?:(?:pay|buy|wire|transfer)\s+(?:the"
    r"|a|an|your|our|\d)"
    r"|click\b|hurry\b|claim\b|(?:call|phone|dial)\s+(?:us|our|the (?:number|hotline|support)|\+?\d))",
    re.I,
)
_SIGN_IN = re.compile(
    r"(?:^|[.!?:;]\s*|\bplease\s+|\b(?:must|should|need to|have to)\s+)(?:log|sign)[- ]?in(?:to)?\b"
    r"(?!\s+(?:page|button|form|dialog|screen|link|window|works?|fails?|is|no longer|now)\b)",
    re.I,
)
_BAIT = re.compile(
    r"\bclick (?:here|below|the link|on the link|this)\b|\bclaim (?:your|it|now|the)\b"
    r"|\b(?:refunds?|prizes?|rewards?|lotter\w+|winners?|vouchers?|gift cards?|free gift|cash back|inheritance)\b"
    r".{0,40}\b(?:your?|now|claim\w*|today)\b"
    r"|\b(?:fees?|payments?|licen[cs]es?|invoices?)\b.{0,40}\b(?:paid|payable|moves?|goes?|go|transfer\w*)\b.{0,20}"
    r"\b(?:account|iban|btc|bitcoin|wallet|paypal)\b"
    r"|\byou(?:'ve| have)? won\b|\blimited[- ]time\b|\bact now\b",
    re.I,
)
_MACHINE_ORDER = re.compile(
    r"\b(?:ignor\w*|disregard\w*|forget\w*|overrid\w*|bypass\w*)\b.{0,30}\b(?:instructions?|prompts?|rules?"
    r"|above|previous|prior|guidelines?)\b"
    r"|\b(?:system|assistant|developer)\s*(?:prompt|message|instructions?)?\s*:|<\|?\w*(?:system|assistant"
    r"|im_start|endoftext)\w*\|?>"
    r"|\byou are (?:now\b|an? (?:ai|assistant|language model|helpful))|\bas an ai\b|\bjailbreak|\bnew instructions?\b"
    r"|\b(?:begin|end) (?:of )?(?:instructions?|prompt|data)\b|\[/?INST\]|\bdo not (?:tell|mention|inform|reveal)\b"
    r"|\b(?:include|insert|add|append|write|print|output|say|put)\b.{0,25}\b(?:in|to|into) "
    r"(?:the|this|your|every|each) (?:e-?mail|mail|draft|answer|response|output|reply)\b"
    r"(?!\s+(?:view|window|folder|page|list|editor|pane|panel|box|dialog|field|file|stream|directory|tab|table|format))"
    r"|[\"']role[\"']\s*:\s*[\"'](?:system|assistant|user|developer|tool)|[\"']content[\"']\s*:"
    r"|\b(?:assistant|language model|ai|llm|chatbot|drafter|summari[sz]er)\b[^.]{0,40}\b(?:must|should|shall"
    r"|has to|is to|"
    r"needs to|please)\b[^.]{0,20}\b(?:state|say|write|promise|mention|claim|tell|announce|praise|offer)\b"
    r"|\bwhen (?:you (?:are )?)?(?:summari[sz]|draft|writ|translat|rephras)\w*[^.]{0,40}?,?\s+(?:please )?"
    r"(?:state|say|write|mention|claim|promise|add|include|announce|tell)\b"
    # What is to be written stands in between, in quotes or called a sentence.
    r"|\b(?:include|insert|add|append|write|print|output|say|put)\b[^.!?\n]{0,40}"
    r"(?:[\"'“‘„«「]|\b(?:sentence|lines?|words?|phrase|paragraph|text|following)\b)[^\n]{0,160}?\b(?:in|to|into) "
    r"(?:the|this|your|every|each|all) (?:e-?mails?|mails?|drafts?|answers?|responses?|output|repl(?:y|ies))\b"
    r"(?!\s+(?:view|window|folder|page|list|editor|pane|panel|box|dialog|field|file|stream|directory|tab"
    r"|table|format))",
    re.I,
)
_ORDER = re.compile(
    r"(?:^|[.!?:;]\s+|\bplease\s+(?:\w+ly\s+)?|\bthen\s+)"
    r"(?:click|visit|go to|open|call|phone|contact|reply|download|install|run|execute|send|enter|ignore|disregard|"
    r"forget|tell|write|follow|scan|copy|paste|subscribe|buy|order|pay|forward|confirm|verify|act|hurry|claim|respond|"
    r"submit|browse|navigate|join|register|sign up|share|give|provide|transfer|disable your|turn off your|uninstall)\b"
    # A noun with its verb behind it tells what is: "Share buttons are back".
    r"(?!\s+(?:of\b|(?!(?:the|this|that|your|our|an?|it|us|me|to|now|at|on)\b)(?:\w+\s+){1,4}?"
    r"(?:is|are|was|were|works?|has|have|can|no longer|fails?|does|do|shows?|stays?|keeps?)\b))"
    r"(?!\s+(?:is|are|was|were|no longer|now|fails?|works?|does|button|page|link|dialog|menu|command|script)\b)"
    r"|\b(?:please|you (?:must|have to|need to|should|are required to)|we (?:urge|ask) you|"
    r"your? (?:immediate )?action)\b"
    r"|\b(?:act now|right away|immediately,? or|within \d+ hours|urgently|(?:is|are) urgent|urgent (?:action"
    r"|update))\b|^urgent\b"
    r"|\b(?:customers?|clients?|everybody|everyone|admin(?:istrator)?s?)\s+(?:should|must|have to|need to|"
    r"are (?:asked|required|urged) to)\s+(?:move|switch|migrate|change|upgrade|update|send|e-?mail|call|pay|install)\b",
    re.I,
)
_MARKUP = re.compile(
    r"</?(?:script|a|img|iframe|form|input|style|svg|object|embed|link|meta|base|button|html|body|div|span|p"
    r"|br|b|i)\b[^>]*>?"
    r"|!?\[[^\]]*\]\([^)]*\)|\[[^\]|]+\|[^\]]+\]|\{(?:code|noformat|quote|panel|color|html)[^}]*\}|```"
    r"|&#x?\w+;|<!--|\bon\w+=[\"']",
    re.I,
)
_LEFT_OVER = re.compile(
    r"\b(?:TODO|FIXME|TBD|XXX)\b|\blorem ipsum\b|\[(?:insert|your|name|date|product)[^\]]*\]|<[A-Z]+_\d+>", re.I
)
_ENCODED = re.compile(
    r"(?<![\w+/])(?:[A-Za-z0-9+/]{20,}={0,2}|[A-Za-z0-9+/]{10,}={1,2})(?![\w+/=])|(?:%[0-9A-Fa-f]{2}){4,}"
    r"|(?:\\u[0-9A-Fa-f]{4}){3,}|(?:\\x[0-9a-f]{2}){4,}"
)
_READER = re.compile(
    r"\b(?:you|your|please|must|should|los(?:e|es|t)|discontinued|end of life|unsafe|expires?)\b", re.I
)
_OTHER_VERSION = re.compile(
    r"(?P<before>[\w.-]+\s+)?\b(?:versions?|releases?)\s+(?:before |after |below |older than |up to "
    r"|since )?v?(?P<version>\d+(?:\.\w+)*)",
    re.I,
)


@dataclass(frozen=True)
class _Problem:
    rule: str
    message: str
    quote: str


def check(text: DraftText, facts: Facts, *, allowed_hosts: Collection[str] = ()) -> list[Finding]:
    """Everything in a mail that must not go out, in the order of the text.

    `allowed_hosts` are the hosts that links may lead to, their subdomains included.
    """
    findings = []
    for block, line in (("subject", text.subject), ("preheader", text.preheader)):
        findings += check_sentence(Sentence(line), facts, block=block, allowed_hosts=allowed_hosts)
    for block, index, sentence in text.sentences():
        findings += check_sentence(sentence, facts, block=block, index=index, allowed_hosts=allowed_hosts)
    return findings


def check_sentence(
    sentence: Sentence, facts: Facts, *, block: str = "highlights", index: int = 0, allowed_hosts: Collection[str] = ()
) -> list[Finding]:
    """Everything in one sentence that must not go out."""
    plain = plainly(sentence.text)
    problems = [
        *_characters(sentence.text),
        *_links(plain, allowed_hosts, facts),
        *_requests(plain, orders=_may_order(block, sentence)),
        *_residue(plain),
        *_secrets(plain),
        *_internals(plain, facts),
    ]
    return [
        Finding(BLOCKING, problem.rule, block, index, problem.message, quote=problem.quote, text=sentence.text)
        for problem in problems
    ]


def is_clean(text: str, facts: Facts, *, block: str = "highlights") -> bool:
    """Whether a sentence on its own would pass; the drafters use it to leave out what would be stopped anyway."""
    return not check_sentence(Sentence(text), facts, block=block)


# Rules that show that a line was written for a machine or against the reader, whatever a drafter would make of it.
SUSPICIOUS = frozenset({"machine_order", "command", "credentials", "bait", "link", "encoded", "lookalike", "invisible"})
_NO_FACTS = Facts("", "", "", None, "", released=False, url="", issues=())


def without_suspicious_lines(text: str, allowed_hosts: Collection[str] = ()) -> str:
    """A text of Jira without the lines in which such a rule speaks, and without invisible characters elsewhere.

    Of a line with links elsewhere than to `allowed_hosts` only what leans on them goes: the step that a note asks for
    often stands beside the address of a guide.
    """
    lines = []
    for line in text.splitlines():
        kept = _without_foreign_links(line, allowed_hosts)
        checked = check_sentence(Sentence(kept), _NO_FACTS, block="action", allowed_hosts=allowed_hosts)
        if not {finding.rule for finding in checked} & SUSPICIOUS:
            lines.append(kept)
    return "\n".join(lines)


_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+")
# What may go with a link and leave a sentence that still says what it said.
_REFERENCE = (
    r"[\s,;–—-]*(?:\(\s*)?(?:(?:(?:please )?(?:see|cf\.?|compare|refer to|consult|read)(?: also)?|"
    r"(?:as |which is |is |are )?(?:described|explained|documented|shown|listed|discussed)(?: \w+)? (?:in|at|on|by)|"
    r"(?:for )?(?:more |further )?(?:details?|information|documentation|docs|background|guide|instructions?)"
    r"(?:,? (?:is|are|see|can be found))?(?: (?:at|in|on|under|here))?)[\s:]*(?:the )?)+"
    r"(?:[\w-]+ ){0,3}?(?:at |on |in |: ?)?"
)
_LEANS = re.compile(
    rf"{_REFERENCE}<link>(?: for [\w ]{{1,30}}(?=[.;,)]|$))?(?:\s*\))?|(?<!\])\s*\(\s*<link>\s*\)"
    rf"|\s*\[\s*<link>\s*\]",
    re.I,
)
_FOLLOW = re.compile(r"^(?:please )?(?:follow|read|see|consult)\s+(?:\w+ ){0,4}?<link>\s+(?:to|and|on how to)\s+", re.I)


def _without_foreign_links(line: str, allowed: Collection[str]) -> str:
    """A line whose links to other hosts are cut, with the sentence where it says nothing without them."""
    if not any(True for _ in _foreign_links(line, allowed)):
        return line
    kept = []
    for sentence in _SENTENCE_END.split(line):
        marked = sentence
        for address in sorted(set(_foreign_links(sentence, allowed)), key=len, reverse=True):
            marked = marked.replace(address, "<link>")
        followed = _FOLLOW.sub("", marked)
        if followed != marked:
            followed = followed[:1].upper() + followed[1:]
        left = _LEANS.sub("", followed)
        if left == sentence or ("<link>" not in left and len(re.findall(r"\w+", left)) > 1):
            kept.append(left)
    return " ".join(kept)


def _foreign_links(text: str, allowed: Collection[str]) -> Iterator[str]:
    plain = _URL.finditer(text)
    for match in [*plain, *hosts.public(_URL.sub(lambda found: " " * len(found[0]), text))]:
        address = match[0].rstrip(".,;:!?)]")
        if not _host_allowed(address, allowed):
            yield address


def plainly(text: str) -> str:
    """The text as an eye reads it: no invisible characters, no look-alikes, no fancy letters."""
    visible = "".join(character for character in text if not _invisible(character))
    return unicodedata.normalize("NFKC", visible).translate(_LOOKALIKES)


def without_invisible(text: str) -> str:
    """The text without characters that nobody sees and a machine reads."""
    return "".join(character for character in text if not _invisible(character))


def _may_order(block: str, sentence: Sentence) -> bool:
    # A closing without sources may ask for a reply: the sources check holds it to a short list of words.
    return block in ORDER_BLOCKS or (block in ("intro", "closing", "preheader") and not sentence.keys)


# Joiners hold emoji together and shape letters of some scripts; there they are part of what is seen.
_JOINED = re.compile(
    "(?<=[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2600-\u27bf\U0001f000-\U0001faff])"
    "|(?<=[\u0600-\u0dff])[\u200c\u200d](?=[\u0600-\u0dff])"
)


def _invisible(character: str) -> bool:
    """Format, private-use and unassigned characters, and tags; a variation selector after an emoji is no harm."""
    return unicodedata.category(character) in ("Cf", "Co", "Cn") or character in "\u115f\u1160\u3164\uffa0\u2800"


def _characters(text: str) -> Iterator[_Problem]:
    hidden = next((character for character in _JOINED.sub("", text) if _invisible(character)), "")
    if hidden:
        yield _Problem("invisible", f"There is a character that nobody can see (U+{ord(hidden):04X}). Type "
                       "the sentence anew.", hidden)  # fmt: skip
    for word in re.findall(r"\w+", text):
        scripts = {unicodedata.name(letter, "").split()[0] for letter in word if letter.isalpha()}
        if "LATIN" in scripts and scripts & {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"} and len(word) > 2:
            yield _Problem("lookalike", f"“{word}” mixes letters of two alphabets that look alike. Type it anew.", word)
            return
        if scripts and any(unicodedata.name(letter, "").startswith(("MATHEMATICAL", "FULLWIDTH LATIN", "CIRCLED LATIN"))
                           for letter in word):  # fmt: skip
            yield _Problem(
                "lookalike", f"“{word}” is written in decorative characters. Type it in plain letters.", word
            )
            return


def _links(text: str, allowed: Collection[str], facts: Facts) -> Iterator[_Problem]:
    for match in [*_URL.finditer(text), *hosts.public(_URL.sub(" ", text))]:
        address = match[0].rstrip(".,;:!?)")
        if facts.url and address == facts.url and address.startswith("https://"):
            continue
        if not _host_allowed(address, allowed):
            yield _Problem("link", f"{address} leads to a place that is not on the list of allowed hosts. Take it out.",
                           address)  # fmt: skip
    disguised = _DISGUISED_HOST.search(text)
    if disguised:
        yield _Problem("link", f"“{disguised[0]}” looks like a web address in disguise. Take it out.", disguised[0])


def _host_allowed(address: str, allowed: Collection[str]) -> bool:
    scheme, _, rest = address.rpartition("://")
    if scheme and scheme.lower() != "https":
        return False
    if not scheme and ":" in address.split("/")[0]:
        return False
    host = re.split(r"[/?#]", rest)[0].lower()
    return "@" not in host and host.isascii() and hosts.allowed(host, allowed)


def _requests(text: str, *, orders: bool) -> Iterator[_Problem]:
    rules: list[tuple[str, re.Pattern[str], Callable[[str], str]]] = [
        ("credentials", _ASKED_CREDENTIAL, lambda quote: f"“{quote}” asks readers for something that only a fraud "
         "asks for."),
        ("credentials", _SIGN_IN, lambda quote: f"“{quote}” asks readers to sign in, as fraudulent mail does."),
        ("bait", _BAIT, lambda quote: f"“{quote}” is how fraudulent mail talks."),
        ("machine_order", _MACHINE_ORDER, lambda quote: f"“{quote}” is an order to a machine and no release news."),
        ("machine_order", _MACHINE_ORDER_ABROAD, lambda quote: f"“{quote}” is an order to a machine and no release "
         "news."),
        ("command", _COMMAND, lambda quote: f"“{quote}” makes readers run something unseen. Take it out."),
        ("order", _NEVER_ORDERED, lambda quote: f"“{quote}” tells readers to do something that no update needs."),
    ]  # fmt: skip
    if not orders:
        rules.append(("order", _ORDER, lambda quote: f"“{quote}” tells readers to do something. Only the section "
                      "with the required action may do that."))  # fmt: skip
    for rule, pattern, message in rules:
        for version in dict.fromkeys((text, _undisguised(text))):
            matches = pattern.finditer(version)
            able = pattern is _ASKED_CREDENTIAL
            match = next((one for one in matches if not (able and _ABLE.search(version[: one.start()]))), None)
            if match:
                yield _Problem(rule, message(match[0].strip(" .:;!?")), match[0].strip())
                break
    credential = _CREDENTIAL_ABROAD.search(text)
    if credential and _ADDRESSED.search(text) and _ASKED_ABROAD.search(text):
        yield _Problem("credentials", f"“{credential[0]}” is something that only a fraud asks readers for.",
                       credential[0])  # fmt: skip


_LEET = str.maketrans("@013457$", "aoieastS".lower())
_LEET_WORD = re.compile(r"(?<!\w)[A-Za-z]+[@0134$57][A-Za-z@0134$57]*[A-Za-z](?!\w)")
_SPACED_WORD = re.compile(r"(?<!\S)(?:[A-Za-z] ){3,}[A-Za-z](?!\w)")


def _undisguised(text: str) -> str:
    """The text with p@ssw0rd and p a s s w o r d as they are read, and without the codes of HTML."""
    plain = html.unescape(text)
    plain = _SPACED_WORD.sub(lambda match: match[0].replace(" ", ""), plain)
    return _LEET_WORD.sub(lambda match: match[0].translate(_LEET), plain)


def _residue(text: str) -> Iterator[_Problem]:
    match = _MARKUP.search(text)
    if match:
        yield _Problem("markup", f"“{match[0]}” is markup that readers would see. Take it out.", match[0])
    match = _LEFT_OVER.search(text)
    if match:
        yield _Problem("left_over", f"“{match[0]}” was left over from writing. Replace it.", match[0])
    for match in re.finditer(r"\{\{.*?(?:\}\}|$)|\}\}|\{%.*?%\}", text):
        if match[0].strip("{} ") not in PLACEHOLDERS:
            yield _Problem("placeholder", f"“{match[0]}” is not a placeholder that a mail may have.", match[0])
    for match in _ENCODED.finditer(text):
        if not re.fullmatch(r"[A-Za-z0-9+/]+=*", match[0]) or _decodes(match[0]):
            yield _Problem("encoded", f"“{match[0][:40]}” is text in code. Take it out.", match[0])


def _decodes(text: str) -> bool:
    """Whether a run of letters is readable text in base64; a long name out of code is not."""
    bare = text.rstrip("=")
    try:
        plain = base64.b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        return False
    return sum(32 <= byte < 127 for byte in plain) >= 0.9 * len(plain) > 0


def _secrets(text: str) -> Iterator[_Problem]:
    for secret in masking.find(_URL.sub(" ", text)):
        if secret.guess:
            continue
        yield _Problem("secret", f"“{secret.quote}” looks like {secret.what}. It must not be in a mail.", secret.quote)


def _internals(text: str, facts: Facts) -> Iterator[_Problem]:
    for match in re.finditer(r"\b([A-Z][A-Z0-9_]*)-\d+\b", text):
        if match[1] in facts.project_keys:
            yield _Problem("issue_key", f"{match[0]} is the key of an issue. Clients cannot open it; take it out "
                           "of the text.",
                           match[0])  # fmt: skip
    if _READER.search(text):
        for match in _OTHER_VERSION.finditer(text):
            if match["version"].lower() not in facts.version.lower():
                yield _Problem("foreign_version", f"The sentence tells readers of version {match['version']}; this "
                               f"mail is about {facts.name}.", match["version"])  # fmt: skip
                return
