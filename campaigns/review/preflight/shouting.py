"""No capitals and exclamation marks that shout."""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaigns.review.preflight.findings import WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail

_WORD = re.compile(r"[^\W\d_]{2,}")
# So many letters of a word in capitals shout by themselves; shorter ones are mostly names of things.
LONG = 5
# Or so many words of a line, if so large a share of its letters is in capitals.
WORDS, SHARE = 3, 0.6
# Written like that by everybody.
ACRONYMS = frozenset(
    [
        "AI", "API", "ASCII", "AWS", "CALDAV", "CARDDAV", "CLI", "CORS", "CPU", "CSS", "CSV", "DNS", "EU",
        "GDPR", "GPU", "HIPAA", "HTML", "HTTP", "HTTPS", "IBAN", "ID", "IMAP", "IMAPS", "IP", "ISO", "JPEG",
        "JSON", "JWT", "LDAP", "LDAPS", "MCP", "MFA", "MIME", "NTLM", "OAUTH", "OIDC", "OTP", "PDF", "PNG",
        "POSIX", "QR", "RAM", "REST", "SAML", "SCIM", "SDK", "SEPA", "SFTP", "SMS", "SMTP", "SMTPS", "SQL",
        "SSD", "SSH", "SSL", "SSO", "SVG", "TLS", "TOTP", "UI", "UK", "URL", "US", "USA", "USB", "UTF",
        "UUID", "UX", "VPN", "WCAG", "WEBDAV", "XHTML", "XLSX", "XML", "YAML",
    ]
)  # fmt: skip


def check(mail: Mail) -> Iterator[Found]:
    """Words in capitals that no issue writes like that, lines that are mostly capitals, and exclamation marks."""
    known = ACRONYMS | _capitals(" ".join(f"{issue.summary} {issue.note}" for issue in mail.facts.citable.values()))
    known |= _capitals(f"{mail.facts.product} {mail.facts.version} {mail.facts.product_key}")
    places = [("subject", 0, mail.text.subject), ("preheader", 0, mail.text.preheader)]
    places += [(block, index, sentence.text) for block, index, sentence in mail.text.sentences()]
    for part, index, words in places:
        if _shouts(words, known):
            yield Found(
                part,
                f"“{words[:60]}” is mostly capitals.",
                "Write it in small letters.",
                quote=f"mostly:{words}",
                index=index,
            )
            continue
        for capitals in sorted(word for word in _capitals(words) - known if len(word) >= LONG):
            yield Found(
                part,
                f"“{capitals}” is all capitals.",
                "Write it in small letters.",
                quote=f"{capitals}:{words}",
                index=index,
            )
    preheader = mail.text.preheader
    if preheader.count("!") > 1:
        yield Found(
            "preheader", "The preheader has several exclamation marks.", "Keep one at most.", quote=f"!:{preheader}"
        )
    if "!" in mail.text.subject:
        yield Found(
            "subject", "The subject has an exclamation mark.", "A fact needs none.", quote="!:" + mail.text.subject
        )
    marks = mail.body.count("!")
    if marks > 1:
        yield Found("mail", f"The body has {marks} exclamation marks.", "Keep one at most.", quote="body!")


def _capitals(text: str) -> frozenset[str]:
    return frozenset(word for word in _WORD.findall(text) if word.isupper())


def _shouts(text: str, known: frozenset[str]) -> bool:
    words = [word for word in _WORD.findall(text) if word not in known]
    loud = [word for word in words if word.isupper()]
    return len(loud) >= WORDS and sum(map(len, loud)) >= SHARE * sum(map(len, words))


RULE = Rule(
    "shouting",
    "Capitals and exclamation marks",
    WARNING,
    "SpamAssassin 4: +0.5 for a subject in capitals, +0.1 for !!!",
    check,
)
