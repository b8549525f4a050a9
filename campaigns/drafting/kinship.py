"""Everyday words that may stand for one another when a mail tells an issue, and words that say little by themselves.

They count only where the words of a sentence are looked for in its issue. They are no synonyms: nothing that asks for
the contrary or for another thing takes one for the other. English only, no word of any product.
"""

from __future__ import annotations

from functools import lru_cache

from campaigns.drafting.stems import stem
from campaigns.drafting.tokens import words

_FAMILIES = """
booking reservation appointment
account login profile
session login log sign
reception desk counter
phone smartphone mobile handset handheld tablet
edge border bottom top margin corner
clip crop truncate trim cut
label text caption title heading
appear show display print render list visible
arrive send deliver receive get reach hear learn push transmit dispatch mail
notify hear learn inform tell
choose pick select configure configurable set decide determine adjust adjustable customise
retry try attempt repeat
register enter enrol record fill type capture
read import load accept parse
hold block keep reserve lock retain
remain stay keep continue live last persist retain
request call query
answer return respond reply response get
spread split distribute divide
separate own individual single
early soon premature beforehand
excel xlsx xls spreadsheet sheet workbook
word docx doc
csv comma
picture image photo png jpeg jpg graphic
file document attachment
touch change affect alter modify concern
shrink reduce small size large shorten
expire end lapse invalid
book sell occupy full
symbol sign icon character
hand give assign reassign pass transfer
open load start launch
period time span range interval day
legacy old former
notice note notification alert message
mail message letter
retire discontinue withdraw remove abolish drop
deny refuse reject decline
pause wait suspend halt
sort order arrange
find search look locate discover track
join combine merge unite
total sum
reduce lower decrease cut
raise increase extend lift
fit match suit
colour shade tint
page screen view window dialog form
menu list dropdown
admin administrator operator
row line record entry
field column box input
copy duplicate clone
team group
password passphrase credential
language locale
cad canadian dollar
usd american dollar
aud australian dollar
eur euro
gbp british pound sterling
chf swiss franc
jpy japanese yen
dst clock daylight summer
invoice bill
rate cost charge fee
order purchase
delivery shipping shipment
staff employee worker colleague
folder directory
server machine host
program application app tool
install setup
whole entire full
limit cap maximum quota restriction ceiling max
finish complete done end
twice double duplicate
fault mistake wrong incorrect
readable legible read
archive archived
own local
"""
_LIGHT = words("""
note remember mind leave give try suit mean remain stay keep proper properly previous previously formerly
former owing roughly approximately individual together bring help look hear tell learn expect matter turn touch claim
hand serve offer feel find pass hold lead stand seem appear instead single whole eleven twelve fifteen twenty thirty
forty fifty dozen ago sit rest directly simply straight soon
early late ready finally last always know say call ask simple easy handle deal act
start begin continue reach meet cause result bear carry pick choose decide
place hence due kind sort sure right good well
""")


def _families() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in _FAMILIES.strip().splitlines():
        family = frozenset(map(stem, line.split()))
        for one in family:
            found[one] = found.get(one, frozenset()) | family
    return found


_KIN = _families()
#: Stems that say little by themselves: nouns and names decide what a sentence is about.
LIGHT = frozenset(map(stem, _LIGHT))


def kin(one: str) -> frozenset[str]:
    """The stems that may stand for one of them, itself among them."""
    return _KIN.get(one, frozenset((one,)))


@lru_cache(maxsize=4096)
def related(telling: frozenset[str], held: frozenset[str]) -> frozenset[str]:
    """Those of some stems for which others have a word that may stand for them."""
    return frozenset(one for one in telling if one in _KIN and not _KIN[one].isdisjoint(held))
