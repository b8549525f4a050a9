"""What may stand beside an address: names, client, country, time zone. The same for a form and for a row of a file."""

from __future__ import annotations

import unicodedata
import zoneinfo
from functools import cache

from campaigns.audience import countries

# ISO 3166-1 alpha-2, the officially assigned codes.
_COUNTRY_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_COUNTRY_CODES.split())
_FORMULA_STARTS = ("=", "+", "-", "@")


class BadDetail(ValueError):
    """The text cannot be kept. `str()` says why, in words for the page and the report."""


def name(text: str, longest: int = 100) -> str:
    """A first, last or client name with single spaces. May be empty.

    Raises BadDetail for what a spreadsheet would run as a formula (OWASP, CSV injection), for invisible control
    characters, for `{{`, which SES reads as a placeholder, and for more than `longest` characters.
    """
    text = " ".join(text.split())
    if text in ("-", "–", "—"):
        return ""
    if text.startswith(_FORMULA_STARTS):
        raise BadDetail("It starts like a spreadsheet formula. Write the name itself.")
    if "{{" in text or "}}" in text:
        raise BadDetail("It holds {{ or }}, which mail reads as a placeholder.")
    if not text.isprintable() and any(unicodedata.category(character) in ("Cc", "Cf") for character in text):
        raise BadDetail("It holds an invisible control character.")
    if len(text) > longest:
        raise BadDetail(f"It has {len(text)} characters; {longest} is the most.")
    return text


def shown(text: str, longest: int = 200) -> str:
    """Text of any origin that can be kept and shown: what is invisible becomes a mark. PostgreSQL takes no NUL."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text[:longest])


def country(text: str) -> str:
    """An ISO 3166 code in capitals, from the code or a usual name, or nothing. Raises BadDetail for any other text."""
    code = text.strip().upper()
    if not code or code in COUNTRIES:
        return code
    if found := countries.code_of(text):
        return found
    raise BadDetail("Not a country that is known here. Write the two letters of ISO 3166, such as DE or GB.")


@cache
def _time_zones() -> dict[str, str]:
    return {zone.lower(): zone for zone in zoneinfo.available_timezones()}


def time_zone(text: str) -> str:
    """An IANA time zone in its own spelling, or nothing. Raises BadDetail for any other text."""
    text = text.strip()
    if not text:
        return ""
    known = _time_zones().get(text.lower())
    if known is None or known in ("Factory", "localtime"):
        raise BadDetail("Not a time zone. Write an IANA name, such as Europe/Berlin.")
    return known
