"""Take addresses, hosts, keys and people out of a text before it leaves, and put them back afterwards.

Version numbers stay: a masker that turns 2.12.6.1 into an IP address destroys the very facts of a release.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from campaigns.drafting import hosts, tokens

_WORD = r"(?-i:[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪİŁŃŇŌŐŘŚŠŞŤŪŮŰŹŻŽ])(?:[^\W\d_]+(?:['’-](?!s\b)[^\W\d_]+)*|['’][^\W\d_]+|\.)"
#: What begins a sentence with a capital and no name.
_STARTER = (
    r"(?-i:When|If|The|This|That|After|Before|As|Since|Because|Then|Also|And|But|While|Once|For|From|Our|With|Thanks|"
    r"Ask|Yesterday|Today|Here|There|Both|Like|Only|Now)"
)
_FULL_NAME = rf"(?!{_STARTER}\b){_WORD}(?:\s(?:(?:van|von|de|der|den|da|di|du|la|le|bin|al)\s)*{_WORD}){{1,2}}"
#: A company or a role behind a name: "Anna Kowalska (ACME Corp)", "Anna Kowalska, our operator,".
_APPOSITION = r"(?:\s*\([^()\n]{1,60}\)|,\s[^,.;\n]{1,60},)"
#: What people do and things do not, or with an object: "Sales Orders found under Reports" are no people.
_SPOKE = (
    r"(?:(?:asks?|asked|suggests?|suggested|noticed|pointed out|complains?|complained|commented|thinks?|believes?|"
    r"says?|said|saw|tried|wants?|wanted|would like|wondered|replied|remarked|wrote|"
    r"has (?:seen|reported|asked|found))\b|"
    r"(?:reports?|reported|found|hit|ran|told|requested|mentioned|discovered|noted|explained|observed|experienced|"
    r"encountered|proposed|recommended|confirmed)\s+(?:that|an?|the|this|it|its|how|why|us|into|some)\b)"
)
#: No name begins or ends within other signs of these scripts.
_CJK_NAME = rf"(?<![{tokens.CJK}])[{tokens.CJK}]{{2,6}}(?![{tokens.CJK}])"
_VERSION_BEFORE = re.compile(
    r"\b(?P<verb>versions?|release|v|(?:upgrade|update|bump|downgrade|move|migrate)\w*)\s+"
    r"(?P<what>(?:[\w.-]+\s+){0,4}?)(?:to\s+)?v?$",
    re.I,
)
_NETWORK = (
    r"(?:ip|ips|hosts?|servers?|address(?:es)?|nodes?|machines?|dns|gateways?|prox(?:y|ies)|endpoints?|brokers?|routers?|"
    r"clusters?|listeners?|subnets?|firewalls?|load balancers?)"
)
_TRAFFIC = (
    r"(?:connect\w*|requests?|traffic|calls?|log-?ins?|access\w*|packets?|clients?|users?|block\w*|ban\w*|visit\w*|"
    r"came|coming|received|sent|ping\w*|allow\w*|den(?:y|ied)|messages?|mails?|attacks?|scans?|listen\w*|bound|binds?)"
)
_ADDRESS_BEFORE = re.compile(
    rf"(?:\b(?:{_NETWORK}|ssh|ping|at|on|via|{_TRAFFIC}(?:\s+\w+)?\s+(?:from|to|by|of)|{_TRAFFIC})\s*[:=]?\s*|//|@)$",
    re.I,
)
_SPAN_OF_VERSIONS = re.compile(r"\bfrom\s+v?$", re.I)


#: What routers give out in homes and offices; nobody counts versions like this. 10.0.0.1 may be one.
_NEVER_A_VERSION = tuple(ipaddress.IPv4Network(one) for one in ("192.168.0.0/16", "172.16.0.0/12", "169.254.0.0/16"))


def _address(match: re.Match[str]) -> bool:
    """Whether four numbers with dots are an address and no version."""
    try:
        address = ipaddress.IPv4Address(re.split("[:/]", match[0])[0])
    except ValueError:
        return False
    if any(address in network for network in _NEVER_A_VERSION):
        return True
    before = match.string[max(0, match.start() - 60) : match.start()]
    # Hardly a version begins with a number like this, and most addresses do.
    unlike_version = address.packed[0] >= 100
    version = _VERSION_BEFORE.search(before)
    if version and not re.search(rf"\b{_NETWORK}\b", version["what"], re.I):
        moved = re.match(r"(?:move|migrate)", version["verb"], re.I)
        if not (moved and (unlike_version or address.is_private)):
            return False
    to_another = re.match(r"\s+to\s+v?\d+\.\d", match.string[match.end() :])
    if _SPAN_OF_VERSIONS.search(before) and to_another and not re.search(rf"\b{_TRAFFIC}\b", before, re.I):
        return False
    if (address.is_private and not match[0].startswith("0.")) or unlike_version:
        return True
    return bool(":" in match[0] or "/" in match[0] or _ADDRESS_BEFORE.search(before))


def _address_6(match: re.Match[str]) -> bool:
    """Whether groups with colons are an address; a time and a name out of C++ have the same signs."""
    bare = re.split(r"[%/\]]", match[0].lstrip("["))[0]
    try:
        ipaddress.IPv6Address(bare)
    except ValueError:
        return False
    return bare != "::" and bool(re.search(r"\d", bare) or bare.count(":") > 2)


def _iban(match: re.Match[str]) -> bool:
    """The checksum of ISO 13616."""
    plain = match[0].replace(" ", "")
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def _card(match: re.Match[str]) -> bool:
    """The checksum of ISO/IEC 7812 (Luhn)."""
    digits = [int(character) for character in match[0] if character.isdigit()]
    total = sum(digit if place % 2 == 0 else sum(divmod(digit * 2, 10)) for place, digit in enumerate(reversed(digits)))
    return len(digits) in range(13, 20) and total % 10 == 0


def _random(match: re.Match[str]) -> bool:
    """Whether a long run of letters and digits is a token and no word."""
    text = match[0]
    kinds = (re.search(r"[a-z]", text), re.search(r"[A-Z]", text), re.search(r"\d", text))
    return bool(re.fullmatch(r"[0-9a-f]{32,}", text)) or (all(kinds) and len(re.findall(r"\d", text)) >= 4)


def _mixed(match: re.Match[str]) -> bool:
    """Whether what follows a word such as Bearer is a value and no word."""
    return bool(re.search(r"\d|[a-z][A-Z]|=$", match[1]))


def _chosen(match: re.Match[str]) -> bool:
    """Whether a value is one that somebody chose: no word of the language, no place holder."""
    return not _NO_VALUE.fullmatch(match[1])


def _disguised(match: re.Match[str]) -> bool:
    """Whether a word behind "password" is one: letters and digits, and no name of a method."""
    return bool(re.search(r"\d", match[1]) and re.search(r"[a-z]", match[1], re.I)) and not _TECHNICAL.match(match[1])


def _machine(match: re.Match[str]) -> bool:
    """Whether a name behind "host" is that of one machine."""
    if _TECHNICAL.match(match[1]):
        return False
    return bool(re.search(r"\d", match[1]) or re.search(rf"(?:^|-){_STAGE}(?:-|$)", match[1], re.I))


def _one_machine(match: re.Match[str]) -> bool:
    """Whether what stands behind the @ of an account is a machine and no version of a package."""
    return not _TECHNICAL.match(match[1])


def _in_url(match: re.Match[str]) -> bool:
    host = match[1].lower()
    return host not in ("localhost", "127.0.0.1", "0.0.0.0", "[::1]", "...", "host", "server")  # noqa: S104 - compared


def _somebody(match: re.Match[str]) -> bool:
    """Whether the name in a path is a person's and no example."""
    return match[1].lower().strip("<>{}$%") not in (
        "user", "username", "users", "public", "default", "shared", "home", "me", "you", "name", "all users", "app",
        "runner", "jenkins", "root", "admin", "linuxbrew", "vsts", "work",
    )  # fmt: skip


def _no_thing(match: re.Match[str]) -> bool:
    """Whether a name with capitals is none of a program or of a part of one."""
    return not _THING.search(match[1])


def _after_a_person(match: re.Match[str]) -> bool:
    """Whether a name goes on a list that begins with people."""
    before = match.string[max(0, match.start(1) - 120) : match.start(1)]
    return bool(_PEOPLE_FOLLOW.search(before)) and _no_thing(match)


def _account(match: re.Match[str]) -> bool:
    """Whether the one word behind "assignee:" is the account of a person."""
    return match[1].lower() not in (
        "none", "null", "nobody", "unassigned", "automatic", "anonymous", "unknown", "empty", "missing", "string",
        "user", "any", "all", "deleted", "team", "customer", "client", "required", "optional", "root", "admin",
        "system",
    )  # fmt: skip


def _no_crowd(match: re.Match[str]) -> bool:
    """Whether somebody with a name reported it: no customer, user or team as such."""
    return not re.search("客户|用户|团队|系统|我们|他们|同事|测试|管理|客服", match[1])


_THING = re.compile(
    r"\b(?:Server|Client|Service|Query|API|Engine|Driver|Index|Manager|Cluster|Store|Table|Node|Web|Data|Apache|Spring|"
    r"Google|Microsoft|Amazon|Oracle|Red|Windows|Linux|Mac|Internet|Visual|Open|Java|Script|Framework|Plugin|Editor|"
    r"Console|Desktop|Mobile|App|Board|Dashboard|Report|Import|Export|Import|Release|Version|Support|Team|Customers?|"
    r"Users?|Clients?|The|This|An?|It|We|They|Our|When|If|All|Some|Many|New|No|Jira|Cloud|System|Core|Studio|Code)\b"
)
_FILE = re.compile(r"\.(?:java|py|js|ts|go|c|h|cc|cpp|rb|kt|scala|sql|xml|ya?ml|md|txt|log|html?)$")
_PEOPLE_FOLLOW = re.compile(
    r"\b(?:by|cc|thanks(?: to)?|ask|contact|hi|assignees?|reporters?|dear)\b[^.;!?]{0,80}$", re.I
)
#: What machines are called after, where a number follows. Without a nought before it "db2" and "node16" are products.
_ROLE = (
    r"(?:srv|server|db|web|app|build|node|host|vm|ci|jenkins|ldap|mail|mx|dns|proxy|gw|gateway|fw|lb|nas|san|esxi?|sql|ora|"
    r"pg|mysql|redis|kafka|mongo|elastic|k8s|cache|queue|mq|backup|bastion|jump|vpn|nfs|fs|file|print|dc|worker|agent|runner)"
)
_STAGE = r"(?:prod|production|stag(?:e|ing)|uat|qa|live|preprod)"
_TECHNICAL = re.compile(
    r"(?:sha|md|aes|des|rsa|utf|iso|rfc|http|tls|ssl|oauth|ipv|log4j|base|argon|pbkdf|scrypt|bcrypt|x|es|int|uint|"
    r"float|win|arm|amd|python|java|jdk|h|v|i|k|s|ec|p|n|web|html|css|mp|sqlite|db|hs|rs|ps|es|hmac|pkcs|version)-?\d+",
    re.I,
)
_NO_VALUE = re.compile(
    r"(?:true|false|null|none|nil|empty|undefined|yes|no|on|off|required|optional|[*.x]+|string|"
    r"<.*|\$.*|\{.*|%.*|…)",
    re.I,
)
_HELD_BACK = (
    r"(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|api[ _-]?key|access[ _-]?key|account[ _-]?key|auth[ _-]?key|"
    r"client[ _-]?secret|private[ _-]?key|secret[ _-]?key|access[ _-]?token|signature|sig|session[ _-]?id)"
)


@dataclass(frozen=True)
class _Pattern:
    """A kind of private thing. A guess is held back from a model, where a mistake costs nothing; it stops no mail."""

    name: str
    what: str
    pattern: re.Pattern[str]
    holds: Callable[[re.Match[str]], bool] | None = None
    group: int = 0
    guess: bool = False


# What may stand before the @ is read once, from its first character and in one go, however long it is.
_BEFORE_AT = r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]++"

# In this order: a private key holds many tokens, an address in a URL is part of the credentials there.
_PATTERNS = (
    _Pattern("KEY", "a private key", re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.S)),
    _Pattern("LOGIN", "a name and password in an address", re.compile(r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)")),
    _Pattern("TOKEN", "a web token", re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")),
    _Pattern("TOKEN", "an API key", re.compile(r"\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}")),
    _Pattern("TOKEN", "a GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})")),
    _Pattern("TOKEN", "a GitLab token", re.compile(r"\bgl[a-z]{2,4}-[A-Za-z0-9_-]{18,}")),
    _Pattern("TOKEN", "a Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}")),
    _Pattern("TOKEN", "an AWS key", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    _Pattern("TOKEN", "a Google key", re.compile(r"\bAIza[\w-]{30,}")),
    _Pattern("TOKEN", "an Atlassian token", re.compile(r"\bATATT[\w=-]{20,}")),
    _Pattern("TOKEN", "a token of a service", re.compile(
        r"\b(?:npm_[A-Za-z0-9]{30,}|dop_v1_[0-9a-f]{40,}|hf_[A-Za-z]{30,}|glsa_\w{30,}|shp(?:at|ss|ca)_[0-9a-fA-F]{20,}"
        r"|dckr_pat_[\w-]{20,}|lin_api_\w{20,}|xapp-[\w-]{20,}|hvs\.[\w-]{20,}|ya29\.[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}"
        r"|pypi-[\w-]{16,})")),
    _Pattern("TOKEN", "the address of a webhook", re.compile(r"(?<=/services/)T\w{6,}/B\w{6,}/\w{16,}")),
    _Pattern("TOKEN", "credentials of a request", re.compile(
        r"\b(?:Bearer|Basic|Negotiate|Digest|NTLM)\s+([A-Za-z0-9._~+/-]{10,}={0,2})", re.I), _mixed, group=1),
    _Pattern("TOKEN", "credentials of a request", re.compile(
        r"\bAuthorization[\"']?\s*[:=]\s*[\"']?(?!(?:Bearer|Basic|Negotiate|Digest|NTLM)\b)((?:\w+\s+)?[^\s\"',;]{8,})",
        re.I), _mixed, group=1),
    _Pattern("TOKEN", "a cookie", re.compile(r"\b(?:Set-)?Cookie\s*:\s*([\w.-]+=[^\s;]{6,})", re.I), group=1),
    _Pattern("SECRET", "a password or key", re.compile(
        rf"(?:\b|(?<=[_.-])){_HELD_BACK}\b[\"']?\s*(?:[:=]|\bis\b)\s*[\"']?([^\s\"',;&]{{6,}})", re.I),
        lambda match: bool(re.search(r"[\d!@#$%^&*_]", match[1])) and _chosen(match), group=1),
    # Where no blank stands beside the sign it is a value of a configuration, whatever it looks like.
    _Pattern("SECRET", "a password or key", re.compile(
        rf"(?:\b|(?<=[_.-])){_HELD_BACK}=[\"']?([^\s\"',;&)]{{3,}})", re.I), _chosen, group=1),
    _Pattern("SECRET", "a password or key", re.compile(
        rf"(?:--{_HELD_BACK}|\B-p)\s+([^\s\"',;&)]{{6,}})", re.I), _mixed, group=1),
    _Pattern("SECRET", "a password", re.compile(
        r"\b(?:password|passwd|passphrase|pwd)\s+[\"'“‘`]?([A-Za-z0-9!@#$%^&*_-]{6,})", re.I), _disguised, group=1),
    _Pattern("TOKEN", "a key", re.compile(
        r"\b(?:secrets?|keys?|tokens?|credentials?)\W{1,4}(?:is\s+)?([A-Za-z0-9+/_-]{20,}={0,2})(?![\w/+-])", re.I),
        lambda match: all(re.search(kind, match[1]) for kind in ("[a-z]", "[A-Z]", r"\d")), group=1),
    _Pattern("EMAIL", "an e-mail address", re.compile(
        _BEFORE_AT + r"@(?!\d+\.\d)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b")),
    _Pattern("EMAIL", "an e-mail address", re.compile(
        _BEFORE_AT + r"\s?[(\[{<](?:at|AT|@)[)\]}>]\s?[A-Za-z0-9-]+"
        r"(?:(?:\.|\s?[(\[{](?:dot|DOT|\.)[)\]}]\s?)[A-Za-z0-9-]+)*")),
    _Pattern("HOST", "the name of an internal host", re.compile(
        r"\b(?:[A-Za-z0-9-]{1,63}\.){1,20}(?:internal|local|corp|lan|intra|intranet|localdomain)\b(?!\.\w)", re.I)),
    _Pattern("IP", "an IP address", re.compile(
        r"(?<![\w:.])\[?(?=[0-9a-f]*:[0-9a-f]*:)(?:[0-9a-f:]*:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f:]{2,39})(?:%\w+)?(?:\]:\d{2,5}|\])?"
        r"(?:/\d{1,3})?(?![\w:])", re.I), _address_6),
    _Pattern("IP", "an IP address", re.compile(
        r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{2,5}|/\d{1,2})?(?!\.?\w)"), _address),
    _Pattern("HOST", "the address of a device", re.compile(
        r"(?<![\w:])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:])", re.I)),
    _Pattern("HOST", "a share on an internal host", re.compile(r"(?<![\w\\])\\\\[\w.-]+(?:\\[\w.$ -]*[\w$])+")),
    _Pattern("HOST", "the name of a host", re.compile(
        r"(?<=://)(?:[^\s/@]*@)?((?:\[[0-9a-f:.]+\]|[\w.-]*\w)(?::\d{2,5})?)", re.I), _in_url, group=1),
    _Pattern("HOST", "the name of a host", re.compile(
        r"\bjdbc:[\w:]+@(?://)?([\w.-]+(?::\d{2,5})?)", re.I), _in_url, group=1),
    _Pattern("HOST", "the name of a host", re.compile(
        rf"\b(?:{_NETWORK}|vms?|instances?|box|hostname)\s*(?:[:=]|named|called)?\s+[\"'`“]?"
        r"([a-z][a-z0-9]*(?:-[a-z0-9]+)+|[a-z]+\d{2,})\b(?![.\w(-])", re.I), _machine, group=1),
    _Pattern("HOST", "the name of a host", re.compile(
        rf"(?<![\w./@-])[a-z]{{2,}}(?:-[a-z0-9]+)*-{_STAGE}(?:-[a-z]+)*-?\d{{1,3}}(?![\w-])", re.I)),
    _Pattern("HOST", "the name of a host", re.compile(
        r"\b(?:ssh|scp|sftp|rsync|mosh|telnet)\s+(?:-\w+\s+(?:\d{1,5}\s+)?){0,3}"
        r"((?:[a-z_][\w.-]{0,31}@[a-z][\w.-]{0,62}\w|[a-z][\w-]{0,40}\d[\w-]{0,20}))(?![\w@-])", re.I), guess=True,
        group=1),
    _Pattern("HOST", "the name of a host", re.compile(
        r"(?<![\w./@:-])[a-z_][a-z0-9_-]{0,31}@([a-z][a-z0-9-]{0,40}\d[a-z0-9-]{0,20})(?![\w@./-])"), _one_machine,
        guess=True),
    _Pattern("HOST", "the name of a host", re.compile(
        rf"(?<![\w./@$-])(?:[a-z][a-z0-9]*(?:-[a-z0-9]+){{0,5}}-{_ROLE}(?:\d{{2,4}}|-0\d{{1,3}})|"
        rf"{_ROLE}0\d{{1,3}}|srv-?\d{{1,4}})"
        r"(?![\w(-]|\.\w)", re.I), guess=True),
    _Pattern("HOST", "the name of a pod", re.compile(
        r"(?<![\w./-])[a-z][a-z0-9-]{0,200}-(?=[a-z]*\d)[bcdf-hj-np-tv-xz2456789]{8,10}-[bcdf-hj-np-tv-xz2456789]{5}"
        r"(?![\w-])"), guess=True),
    _Pattern("HOST", "the name of a host", re.compile(
        r"(?<![\w./@:-])((?=[\w.-]*[\d-])[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*):(?:\d{4,5}|22|80|443)(?![\w:.-])", re.I),
        lambda match: not _FILE.search(match[1])),
    _Pattern("NAME", "the name of a company", re.compile(
        rf"\b(?!{_STARTER}\b)(?:[A-ZÀ-ÖØ-Þ][\w&-]{{1,30}}\s){{1,3}}(?:Corp|Inc|Ltd|LLC|GmbH|AG|plc|B\.V|S\.A|S\.r\.l|Pty)\b\.?(?!\w)"),
        guess=True),
    _Pattern("IBAN", "an account number", re.compile(
        r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"), _iban),
    _Pattern("CARD", "a card number", re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w.-])"), _card),
    _Pattern("PHONE", "a telephone number", re.compile(
        r"(?<![\w.])(?:\+\d{1,3}[ .-]?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){2,4}|\(\d{3}\) \d{3}-\d{4})(?![\w.])")),
    _Pattern("PHONE", "a telephone number", re.compile(
        r"\b(?:phone|telephone|tel|mobile|hotline|fax|call|dial|under|ring)\b\.?\s*:?\s*(?:us\s+)?(?:on|at|under)?\s*"
        r"(0\d{2,5}[ /.-]?\d{2,4}(?:[ .-]?\d{2,4}){1,3})(?![\w.])", re.I), group=1),
    _Pattern("WALLET", "the address of a wallet", re.compile(
        r"\b(?:bc1[a-z0-9]{25,60}|0x[0-9a-fA-F]{40}|[13][1-9A-HJ-NP-Za-km-z]{25,34})\b"),
        lambda match: bool(re.search(r"\d.*\d", match[0]) and re.search(r"[a-zA-Z]{2}", match[0]))),
    _Pattern("PATH", "the home of a person", re.compile(
        r"\b[A-Za-z]:[\\/]+(?:Users|Documents and Settings)[\\/]+([^\\/\s\"']+)", re.I), _somebody, group=1),
    _Pattern("PATH", "the home of a person", re.compile(
        r"(?<![\w.])/(?:home|Users|export/home)/([^/\s\"':]+)"), _somebody, group=1),
    _Pattern("PERSON", "a person", re.compile(r"\[~[^\]\s]+\]")),
    _Pattern("PERSON", "a person", re.compile(
        r"\b(?:reported|requested|found|raised|asked|contributed|provided|written|assigned|reviewed|suggested|spotted|"
        rf"submitted|noticed|filed|discovered|diagnosed)\s+(?:by|to|for)\s+({_FULL_NAME})", re.I), group=1),
    _Pattern("PERSON", "a person", re.compile(
        r"\b(?:assignee|reporter|author|creator|contact|owner|requester|cc|signed-off-by|co-authored-by|reviewed-by|"
        rf"reported-by|tested-by)\s*[:=]\s*((?-i:[a-z]+[.\d][\w.]*|{_WORD}(?:\s{_WORD})*))", re.I), group=1),
    _Pattern("PERSON", "a person", re.compile(
        rf"\b(?:assignee|reporter|author|contact|ask|asked|cc|thank you|thanks(?: to)?|credits? to|courtesy of|"
        rf"hi|dear|hello|kudos to|dr\.?|mr\.?|mrs\.?|ms\.?)\s*,?\s+({_FULL_NAME})", re.I), group=1),
    _Pattern("PERSON", "a person", re.compile(
        rf"\b({_FULL_NAME})\s+(?:asked|suggested|noticed|pointed out|complained|commented|thinks|believes)\b"),
        group=1),
    _Pattern("PERSON", "a person", re.compile(
        rf"\b({_FULL_NAME})\s+(?:ran|says|said|reported|reports|found|wrote|hit|saw|tried|told|wants|requested|"
        r"would like|mentioned|discovered|has (?:seen|reported|asked|found))\b"), _no_thing, group=1, guess=True),
    _Pattern("PERSON", "a person", re.compile(
        rf"\b({_FULL_NAME})\s+{_SPOKE}"),
        _no_thing, group=1, guess=True),
    _Pattern("PERSON", "a person", re.compile(
        rf"\b({_FULL_NAME}){_APPOSITION}\s+{_SPOKE}"), _no_thing, group=1, guess=True),
    _Pattern("PERSON", "a person", re.compile(
        rf"\bas\s+({_FULL_NAME}){_APPOSITION}?\s+(?:{_SPOKE}|noted|explained|observed|proposed|mentioned)", re.I),
        _no_thing, group=1, guess=True),
    _Pattern("PERSON", "a person", re.compile(
        rf"\b({_FULL_NAME})(?=(?:\s*,\s*{_FULL_NAME}){{0,4}}\s*(?:,|,?\s(?:and|or|&))\s+{_FULL_NAME}"
        rf"{_APPOSITION}?\s+{_SPOKE})"), _no_thing, group=1, guess=True),
    _Pattern("PERSON", "a person", re.compile(
        r"\b(?:thanks(?: to)?|thank you|credits? to|kudos to|cc|ask|contact|hi|hello|dear|fyi|assignee|reporter|author|"
        r"creator|owner|(?:reported|requested|found|raised|suggested|contributed|provided|written|assigned|reviewed|"
        r"submitted|filed|discovered|diagnosed|noticed)\s+(?:by|to|for)|(?:ticket|issue|patch|bug|report|request|mail|"
        rf"message|feedback|complaint)\s+(?:by|from|of))\s*[:=,]?\s*({_CJK_NAME})", re.I), _no_crowd, group=1,
        guess=True),
    _Pattern("PERSON", "a person", re.compile(
        r"\b(?:ticket|issue|patch|bug|report|request|idea|fix|contribution|comment|mail|message|feedback|complaint|"
        rf"suggestion|reports|requests|work)\s+(?:by|from|of)\s+({_FULL_NAME})", re.I), _no_thing, group=1, guess=True),
    _Pattern("PERSON", "a person", re.compile(
        rf"(?:@\w[\w.-]+|\b{_FULL_NAME})\s*(?:,|&|\band\b|\bor\b)\s+({_FULL_NAME})(?=[\s.,;:!)]|$)"),
        _after_a_person, group=1, guess=True),
    _Pattern("PERSON", "a person", re.compile(
        rf"\b(?:reported|requested|found|raised|asked|contributed|assigned|thanks)\s+(?:by|to|for)\s+({_WORD})"),
        _no_thing, group=1, guess=True),
    _Pattern("PERSON", "a person", re.compile(
        r"\b(?:cc|thanks(?: to)?|ping|fyi|assignee|reporter|by|ask|hi|hey)\b:?,?\s+(@[A-Za-z][\w.-]*\w)", re.I),
        group=1),
    _Pattern("PERSON", "a person", re.compile(
        r"(?<![\w.@/\"'`])@(?!(?:param|returns?|throws|see|since|link|media|import|charset|keyframes|property|latest|next|"
        r"staticmethod|classmethod|font-face|supports|deprecated|author|version|code|type|ts-ignore)\b)"
        r"(?:[a-z]|[A-Z](?=[a-z]+\.[A-Z][a-z]))[\w-]{1,38}(?:\.[A-Za-z][\w-]{0,38}){0,3}(?![\w(:/@]|\.\w)"),
        guess=True),
    _Pattern("PERSON", "a person", re.compile(
        r"\b(?:assignee|reporter|requester|reviewer|creator)\s*[:=]\s*([a-z][a-z-]{2,30})(?![\w.(/-])", re.I),
        _account, group=1, guess=True),
    # German and French. German writes every noun with a capital, so that only two words, or a title, make a name.
    _Pattern("PERSON", "a person", re.compile(
        r"\b(?:gemeldet|berichtet|gefunden|entdeckt|gewünscht|angefragt|beigesteuert|signalée?s?|rapportée?s?|trouvée?s?|"
        rf"demandée?s?)\s+(?:von|durch|par)\s+({_FULL_NAME})", re.I), _no_thing, group=1, guess=True),
    _Pattern("PERSON", "a person", re.compile(
        rf"\b(?:Herrn?|Frau|Monsieur|Madame|Mme)\s+({_WORD}(?:\s{_WORD})?)"), _no_thing, group=1, guess=True),
    _Pattern("PERSON", "a person", re.compile(
        r"\b(?:Melder|Bearbeiter|Ansprechpartner|Verfasser|Prüfer|Rapporteur|Auteur)(?:in)?\s*:\s*"
        rf"({_WORD}(?:\s{_WORD})*)"), group=1, guess=True),
    _Pattern("PERSON", "a person", re.compile(
        r"(?:报告人|报告者|提出人|负责人|经办人|联系人|報告者|担当者)\s*[:：]\s*([\u4e00-\u9fff]{2,4})"),
        group=1, guess=True),
    _Pattern("PERSON", "a person", re.compile(
        r"由([\u4e00-\u9fff]{2,3})(?:报告|提出|反馈|发现)"), _no_crowd, group=1, guess=True),
    _Pattern("TOKEN", "a token", re.compile(r"(?<![\w./+-])[A-Za-z0-9+/_-]{32,}={0,2}(?![\w/+-])"), _random),
)  # fmt: skip


@dataclass(frozen=True)
class Secret:
    """Something that must not leave or be mailed: its place holder's name, what it is in words, and the text."""

    name: str
    what: str
    quote: str
    start: int
    end: int
    guess: bool = False


def find(
    text: str, *, names: Iterable[str] = (), people: Iterable[str] = (), allowed: Collection[str] = ()
) -> list[Secret]:
    """Every address, host, key and person in a text, from left to right.

    `names` and `people` are further words; `allowed` are the hosts that clients may be told, with those below them.
    """
    found: list[Secret] = []
    taken: list[tuple[int, int]] = []

    def take(name: str, what: str, start: int, end: int, guess: bool) -> None:
        if start < end and not any(start < other_end and end > other_start for other_start, other_end in taken):
            taken.append((start, end))
            found.append(Secret(name, what, text[start:end], start, end, guess))

    # What a product says first: a customer's name may look like a person's.
    for pattern in (*_named("NAME", "a customer's name", names), *_named("PERSON", "a person", people), *_PATTERNS):
        for match in pattern.pattern.finditer(text):
            if pattern.holds and not pattern.holds(match):
                continue
            if pattern.name == "HOST" and hosts.allowed(match[pattern.group].split(":")[0], allowed):
                continue
            take(pattern.name, pattern.what, *match.span(pattern.group), pattern.guess)
    for match in hosts.public(text):
        host = re.split("[:/]", match[0])[0]
        if not hosts.allowed(host, allowed):
            take("HOST", "the name of a host", match.start(), match.start() + len(host), True)
    return sorted(found, key=lambda secret: secret.start)


def _named(name: str, what: str, words: Iterable[str]) -> list[_Pattern]:
    listed = tokens.standing(words)
    return [_Pattern(name, what, re.compile(listed, re.I))] if listed else []


@dataclass
class Mask:
    """One table of place holders for everything that goes into one request.

    The same text always gets the same place holder, so that the model can tell that two are one.
    """

    names: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    _holders: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def mask(self, text: str) -> str:
        """The text with `<EMAIL_1>` and the like in place of what must stay here."""
        parts, place = [], 0
        for secret in find(text, names=self.names, people=self.people, allowed=self.allowed):
            parts += [text[place : secret.start], self._holder(secret)]
            place = secret.end
        return "".join([*parts, text[place:]])

    def unmask(self, text: str) -> str:
        """The text with every place holder of this table replaced by what it stands for."""
        originals = {holder: original for original, holder in self._holders.items()}
        return re.sub(r"<[A-Z]+_\d+>", lambda match: originals.get(match[0], match[0]), text)

    @property
    def table(self) -> dict[str, str]:
        """Place holder -> original, for the person who wants to see what was held back."""
        return {holder: original for original, holder in self._holders.items()}

    def _holder(self, secret: Secret) -> str:
        if secret.quote not in self._holders:
            self._counts[secret.name] = self._counts.get(secret.name, 0) + 1
            self._holders[secret.quote] = f"<{secret.name}_{self._counts[secret.name]}>"
        return self._holders[secret.quote]
