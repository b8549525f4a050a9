"""Which words of a text are the names of machines, and which are names out of code: `kite.example` and `node.js`.

The endings are those of the root zone that mail programs turn into links; what is also the ending of a file, a member
of a class or an English word counts only where more speaks for a host.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from campaigns.drafting.tokens import words

_SURE = words(
    "com net org edu gov mil info biz example app dev xyz online site shop club icu vip buzz mobi asia eu ae af ag "
    "al ao aq ar au az ba bb bd bf bg bh bi bj bn bo bw by bz ca cf cg ci ck cl cm cn co cr cu cv cy cz de dj dk dz "
    "ec ee eg er es et fi fj fk fm fo fr ga gb gd ge gg gi gl gm gn gp gr gt gu gy hk hn hr ht hu ie il im io iq ir "
    "je jm jo jp ke kg kh ki km kp kr kw ky kz lb lc li lk lr lt lu lv ly ma mc mg mh mn mo mp mr mt mu mv mw mx mz "
    "na nc ne ng ni nl np nr nu nz om pa pe pf pg pr pt pw qa re ro ru rw sa sb sd se sg si sk sl sm sn sr ss su sv "
    "sx sy sz tc td tg th tj tk tl tm tn tr tt tv tw tz ua ug uk uy uz va vc ve vg vn vu wf ws ye yt za zm zw"
)
_UNSURE = words(
    "top click link pro tech ac ad ai am as at be br bs bt cc cd ch do dm gq gs gw hm id in is it la ls me mk ml mm "
    "mq ms my nf no pa ph pk pl pm pn ps py rs sc sh so st tf to us vi name store cloud live space website services "
    "support email help today world life news work works zone network systems center team page host press fun run "
    "art design digital finance bank money pay security company solutions agency care download media social "
    "software studio technology tools trade video wiki"
)
_FRAMEWORKS = re.compile(r"(?:asp|ado|vb|ml|paint)\.net|socket\.io|(?:java|javax|kotlin|scala)\.\w+", re.I)
#: A reversed host begins a package of code: org.example.Thing.
_REVERSED = re.compile(r"(?:com|org|net|edu|gov|io|dev|java|javax|jakarta|de|uk|me|eu|ch|fr)\.", re.I)
_NAME = re.compile(
    r"(?<![\w@./#\\$-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?P<end>[a-z]{2,14})(?::\d{2,5})?"
    r"(?:/[^\s<>\"')\]]*)?(?![\w(=#-]|\.\w)",
    re.I,
)


def public(text: str) -> Iterator[re.Match[str]]:
    """Every name of a machine on the internet that stands in a text without a scheme, with its port and path."""
    for match in _NAME.finditer(text):
        if _is_host(match):
            yield match


def allowed(host: str, hosts: Collection[str]) -> bool:
    """Whether a host is one of some or lies below one."""
    host = host.lower().rstrip(".")
    return any(host == good.lower() or host.endswith("." + good.lower()) for good in hosts if good)


def _is_host(match: re.Match[str]) -> bool:
    name = re.split(r"[:/]", match[0])[0]
    ending, labels = match["end"], name.split(".")
    if _FRAMEWORKS.fullmatch(name):
        return False
    if name != name.upper() and re.search(r"[a-z][A-Z]|\.[A-Z]", name):
        return False  # a member of a class, or a full stop without the space behind it
    if len(labels) > 2 and _REVERSED.match(name) and "-" not in name and "/" not in match[0]:
        return False
    if "/" in match[0] and re.fullmatch(r"[a-z]{2,}", labels[-1]) and labels[-1].lower() in _SURE | _UNSURE:
        return True
    if ending.lower() in _SURE:
        return True
    if ending.lower() not in _UNSURE:
        return False
    return labels[0].lower() == "www" or any("-" in label or re.search(r"\d", label) for label in labels[:-1])
