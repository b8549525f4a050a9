"""Links lead to our own pages, by https, and show where."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from urllib.parse import SplitResult, urlsplit

from campaigns.review.preflight.findings import BLOCKING, WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail

# Shared by everybody, so that filters judge them by the worst sender; SpamAssassin gives such mail several points.
SHORTENERS = frozenset(
    [
        "bit.ly",
        "buff.ly",
        "cutt.ly",
        "goo.gl",
        "is.gd",
        "lnkd.in",
        "ow.ly",
        "rb.gy",
        "rebrand.ly",
        "s.id",
        "shorturl.at",
        "t.co",
        "t.ly",
        "tiny.cc",
        "tinyurl.com",
    ]
)


def check(mail: Mail) -> Iterator[Found]:
    """Every link of the rendered mail. Addresses typed into the text are no links; `dangers` looks at those."""
    for address in dict.fromkeys(mail.page.links):
        if not address.startswith(("{{", "mailto:", "#")):
            yield from _judge(mail, address)


def is_allowed(host: str, hosts: Collection[str]) -> bool:
    """Whether mail may lead to a host: one of these, with or without www, or one below them."""
    bare = host.removeprefix("www.")
    return any(host.endswith("." + each.removeprefix("www.")) or bare == each.removeprefix("www.") for each in hosts)


def _judge(mail: Mail, address: str) -> Iterator[Found]:
    split = _split(address)
    host = (split.hostname or "").lower() if split else ""
    bare = host.removeprefix("www.")
    if not host:
        yield Found(
            "mail",
            f"{address[:100]} is not an address that can be opened.",
            "Write it in full or take it out.",
            quote=address,
        )
    elif bare in SHORTENERS:
        yield Found(
            "mail",
            f"{host} shortens addresses: nobody sees where it leads, and mail filters distrust it.",
            "Write the full address.",
            quote=address,
            level=BLOCKING,
        )
    elif not is_allowed(host, mail.hosts):
        allowed = ", ".join(sorted(mail.hosts)) or "none; the product has no website"
        yield Found(
            "mail",
            f"{host} is not a host that mail of {mail.product} leads to ({allowed}).",
            "Use a page of the product, or set the product's website.",
            quote=address,
            level=BLOCKING,
        )
    elif split and split.scheme != "https" and address.lower().startswith("http:"):
        yield Found("mail", f"{address[:100]} is not encrypted.", "Use https.", quote=address, level=WARNING)


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address if "://" in address else f"https://{address}")
    except ValueError:
        return None


RULE = Rule(
    "links",
    "Links",
    BLOCKING,
    "phishing and filter practice: https, own hosts, no shorteners",
    check,
    can_be_waived=True,
)
