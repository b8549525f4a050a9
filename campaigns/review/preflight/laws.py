"""What the laws of the audience's countries ask beyond an address and a link: a basis, a proof, a way to answer."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.review import laws
from campaigns.review.preflight.findings import WARNING, Found, Rule, scale
from campaigns.review.preflight.mail import Mail


def check(mail: Mail) -> Iterator[Found]:
    """Look at what the last counting of the audience found; without one there is nothing to look at yet."""
    counted = mail.counted
    if counted is None:
        return
    product = mail.product
    unknown = counted.countries.get("", 0)
    if unknown:
        yield Found(
            "mail",
            f"The country of {_people(unknown)} is not known, so nobody can say which mail law holds for them.",
            "Give their clients a country.",
            quote=f"no country {scale(unknown)}",
            people="country-none",
        )
    if counted.countries.get("CA") and not (product.reply_to or product.website):
        yield Found(
            "mail",
            "Mail to Canada has to name a telephone number, an e-mail or a web address beside the postal one.",
            "Give the product a website or an address for answers.",
            quote="CA contact",
        )
    for country, name, law in (("CA", "Canada", laws.CASL), ("AU", "Australia", laws.SPAM_ACT)):
        people = counted.legitimate_interest.get(country, 0)
        if people:
            yield Found(
                "mail",
                f"{_people(people)} in {name} {_are(people)} mailed on legitimate interest, which {law} does not know.",
                "Note their consent or the contract with them, or leave them out.",
                quote=f"{country} interest {scale(people)}",
                people=f"interest-{country}",
            )
    unproven = sum(
        people for country, people in counted.unproven_consent.items() if country in laws.EUROPE or country == "GB"
    )
    if unproven:
        yield Found(
            "mail",
            f"{_people(unproven)} in Europe {_are(unproven)} mailed on consent of which no proof is kept.",
            "Note where and when they agreed: GDPR article 7(1) asks to be able to show it.",
            quote=f"no proof {scale(unproven)}",
            people="unproven-europe",
        )


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


RULE = Rule(
    "laws", "Laws of the audience's countries", WARNING,
    "CAN-SPAM 15 U.S.C. 7704; CASL section 6 and S.O.R./2012-36 section 2; Spam Act 2003 section 16; GDPR article 7",
    check,
)  # fmt: skip
