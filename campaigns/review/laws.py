"""Which mail law holds for the people of which country, as far as the checks and the approval speak of it."""

from __future__ import annotations

# The European Union with Iceland, Liechtenstein and Norway, where the GDPR holds by the EEA agreement.
EUROPE = frozenset(
    [
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI",
        "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
    ]
)  # fmt: skip

CAN_SPAM = "CAN-SPAM Act, 15 U.S.C. 7704"
CASL = "CASL, S.C. 2010 c. 23, sections 6 and 10"
SPAM_ACT = "Spam Act 2003 (Cth), sections 16 to 18"
GDPR = "GDPR articles 6, 7 and 13; Directive 2002/58/EC article 13"
UK = "UK GDPR; PECR 2003 regulation 22"


def law_of(country: str) -> str:
    """The law in force for a country of ISO 3166-1 alpha-2; "" when this page knows none."""
    code = country.upper()
    known = {"US": CAN_SPAM, "CA": CASL, "AU": SPAM_ACT, "GB": UK}
    return known.get(code) or (GDPR if code in EUROPE else "")


def laws_of(countries: dict[str, int]) -> dict[str, int]:
    """Law -> how many people it protects, the most first. Countries whose law is not known here are left out."""
    found: dict[str, int] = {}
    for country, people in countries.items():
        if law := law_of(country):
            found[law] = found.get(law, 0) + people
    return dict(sorted(found.items(), key=lambda item: -item[1]))
