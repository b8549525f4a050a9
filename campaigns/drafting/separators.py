"""What separators between digits mean: 100,000 and 2,5 and 1.234, by the language of the text."""

from __future__ import annotations

import re

from campaigns.drafting.languages import COMMA, POINT

#: No-break and thin spaces, apostrophes: between digits they only part thousands.
THIN = "\u00a0\u2007\u2009\u202f'’٬"


def read(digits: str, mark: str) -> frozenset[str]:
    """The values that digits with separators have where the decimal mark is this one: 2.5 for "2,5" and ","."""
    found = readings(digits, mark)
    return found[0] if found else frozenset((digits,))


def readings(digits: str, mark: str) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]] | None:
    """The values of digits with separators: in this language, in any one, and their parts if they may be a list.

    None for what has no separators to read: integers, versions, decimals with a point.
    """
    if digits.isdigit():
        return None
    if re.fullmatch(rf"\d{{1,3}}(?:[{THIN} ]\d{{3}})+(?:[.,]\d+)?", digits):
        whole, _, rest = re.sub(rf"[{THIN} ]", "", digits).replace(",", ".").partition(".")
        value = frozenset((f"{whole}.{rest}" if rest else whole,))
        parts = tuple(digits.split(" "))
        # Two numbers may stand side by side, but none begins with a nought.
        listed = " " in digits and mark == POINT and not any(part.startswith("0") for part in parts)
        return value, value, parts if listed else ()
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,}|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?", digits):
        value = frozenset((digits.replace(",", ""),))
        return value, value, ()
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", digits):
        value = frozenset((digits.replace(".", "").replace(",", "."),))
        return value, value, ()
    if re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3}){2,}", digits):
        whole, typed = digits.replace(".", ""), digits
        both = frozenset((whole, typed))
        return (frozenset((typed,)) if mark == POINT else both), both, ()
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits):
        whole, decimal = re.sub(r"[.,]", "", digits), digits.replace(",", ".")
        both = frozenset((whole, decimal))
        separator = re.sub(r"\d", "", digits)
        if not mark or digits.endswith("000"):  # nobody writes three noughts behind a decimal mark
            return both, both, ()
        return frozenset((decimal if separator == mark else whole,)), both, ()
    if re.fullmatch(r"\d+,\d+", digits):
        value = frozenset((digits.replace(",", "."),))
        return value, value, () if mark == COMMA else tuple(digits.split(","))
    return None
