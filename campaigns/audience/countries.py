"""What people call a country: its names in English, German and its own languages, each with the code it means."""

from __future__ import annotations

import re
import unicodedata

# A code, then its names. What two countries are called (Congo, Korea, Guinea) stands with neither; a name that is
# missing here costs a row its country and not its person.
_NAMES = """
AD Andorra
AE United Arab Emirates|UAE|Emirates|Vereinigte Arabische Emirate|VAE|الإمارات العربية المتحدة
AF Afghanistan|افغانستان
AL Albania|Albanien|Shqipëria
AM Armenia|Armenien|Հայաստան
AO Angola
AR Argentina|Argentinien
AT Austria|Österreich|Oesterreich|Republic of Austria|Republik Österreich|Autriche
AU Australia|Australien
AZ Azerbaijan|Aserbaidschan|Azərbaycan
BA Bosnia and Herzegovina|Bosnia|Bosnien und Herzegowina|Bosnien-Herzegowina|Bosna i Hercegovina
BD Bangladesh|Bangladesch
BE Belgium|Belgien|België|Belgique
BG Bulgaria|Bulgarien|България
BH Bahrain|البحرين
BO Bolivia|Bolivien
BR Brazil|Brasilien|Brasil
BW Botswana|Botsuana
BY Belarus|Weißrussland|Беларусь
CA Canada|Kanada
CH Switzerland|Schweiz|die Schweiz|Suisse|Svizzera|Svizra|Swiss Confederation|Schweizerische Eidgenossenschaft
CI Ivory Coast|Cote d'Ivoire|Côte d’Ivoire|Elfenbeinküste
CL Chile
CM Cameroon|Kamerun|Cameroun
CN China|People's Republic of China|PR China|PRC|Volksrepublik China|中国|中华人民共和国
CO Colombia|Kolumbien
CR Costa Rica
CU Cuba|Kuba
CY Cyprus|Zypern|Κύπρος|Kıbrıs
CZ Czechia|Czech Republic|Tschechien|Tschechische Republik|Česko|Česká republika
DE Germany|Deutschland|Federal Republic of Germany|Bundesrepublik Deutschland|BRD|Allemagne|Alemania|Germania|Duitsland|Tyskland|Niemcy
DK Denmark|Dänemark|Danmark
DO Dominican Republic|Dominikanische Republik|República Dominicana
DZ Algeria|Algerien|Algérie|الجزائر
EC Ecuador
EE Estonia|Estland|Eesti
EG Egypt|Ägypten|مصر
ES Spain|Spanien|España|Espana|Espanya|Espagne
ET Ethiopia|Äthiopien
FI Finland|Finnland|Suomi
FR France|Frankreich|Francia|Republic of France|French Republic|République française
GB United Kingdom|UK|U.K.|Great Britain|Britain|Britannien|England|Scotland|Schottland|Wales|Northern Ireland|Nordirland|Großbritannien|Vereinigtes Königreich|United Kingdom of Great Britain and Northern Ireland|The United Kingdom
GE Georgia|Georgien|საქართველო
GH Ghana
GR Greece|Griechenland|Hellas|Ελλάδα|Ελλάς
GT Guatemala
HK Hong Kong|Hongkong|香港|Hong Kong SAR
HN Honduras
HR Croatia|Kroatien|Hrvatska
HU Hungary|Ungarn|Magyarország
ID Indonesia|Indonesien
IE Ireland|Irland|Éire|Eire|Republic of Ireland|Republik Irland
IL Israel|ישראל
IN India|Indien|Bharat|भारत
IQ Iraq|Irak|العراق
IR Iran|Islamic Republic of Iran|ایران
IS Iceland|Island|Ísland
IT Italy|Italien|Italia|Italie
JM Jamaica|Jamaika
JO Jordan|Jordanien|الأردن
JP Japan|日本|Nippon
KE Kenya|Kenia
KG Kyrgyzstan|Kirgisistan|Кыргызстан
KH Cambodia|Kambodscha
KR South Korea|Republic of Korea|Korea, Republic of|Südkorea|대한민국|한국
KW Kuwait|الكويت
KZ Kazakhstan|Kasachstan|Қазақстан
LB Lebanon|Libanon|لبنان
LI Liechtenstein|Fürstentum Liechtenstein
LK Sri Lanka
LT Lithuania|Litauen|Lietuva
LU Luxembourg|Luxemburg|Lëtzebuerg
LV Latvia|Lettland|Latvija
MA Morocco|Marokko|Maroc|المغرب
MC Monaco
MD Moldova|Moldau|Republik Moldau|Republic of Moldova
ME Montenegro|Crna Gora
MG Madagascar|Madagaskar
MK North Macedonia|Nordmazedonien|Северна Македонија
MM Myanmar|Burma
MN Mongolia|Mongolei
MT Malta
MU Mauritius
MX Mexico|Mexiko|México
MY Malaysia
MZ Mozambique|Mosambik|Moçambique
NA Namibia
NG Nigeria
NI Nicaragua
NL Netherlands|The Netherlands|Niederlande|die Niederlande|Nederland|Holland|Kingdom of the Netherlands
NO Norway|Norwegen|Norge|Noreg
NP Nepal
NZ New Zealand|Neuseeland|Aotearoa
OM Oman|عمان
PA Panama|Panamá
PE Peru|Perú
PH Philippines|The Philippines|Philippinen|Pilipinas
PK Pakistan|پاکستان
PL Poland|Polen|Polska
PR Puerto Rico
PT Portugal
PY Paraguay
QA Qatar|Katar|قطر
RO Romania|Rumänien|România
RS Serbia|Serbien|Srbija|Србија
RU Russia|Russian Federation|Russland|Russische Föderation|Россия
RW Rwanda|Ruanda
SA Saudi Arabia|Kingdom of Saudi Arabia|Saudi-Arabien|السعودية
SE Sweden|Schweden|Sverige
SG Singapore|Singapur
SI Slovenia|Slowenien|Slovenija
SK Slovakia|Slowakei|die Slowakei|Slovak Republic|Slowakische Republik|Slovensko
SM San Marino
SN Senegal|Sénégal
SV El Salvador
TH Thailand|ประเทศไทย
TN Tunisia|Tunesien|Tunisie|تونس
TR Turkey|Türkiye|Türkei|die Türkei
TW Taiwan|台灣|臺灣
TZ Tanzania|Tansania
UA Ukraine|die Ukraine|Україна
UG Uganda
US United States|United States of America|The United States|USA|U.S.A.|U.S.|America|Vereinigte Staaten|Vereinigte Staaten von Amerika|Estados Unidos|États-Unis
UY Uruguay
UZ Uzbekistan|Usbekistan|Oʻzbekiston
VA Vatican City|Holy See|Vatikanstadt
VE Venezuela
VN Vietnam|Viet Nam|Việt Nam
ZA South Africa|Südafrika|Suid-Afrika
ZM Zambia|Sambia
ZW Zimbabwe|Simbabwe
"""  # noqa: E501 - a country is a line


def _plain(text: str) -> str:
    """A name without case, accents, dots, dashes and double spaces: `CÔTE D’IVOIRE` is `cote d ivoire`."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(character for character in apart if not unicodedata.combining(character))
    # U.S.A. is USA; every other sign only parts words.
    return " ".join(re.sub(r"[^\w]+", " ", letters.replace(".", "")).split())


_CODES = {
    _plain(name): line[:2] for line in _NAMES.strip().splitlines() for name in line[3:].split("|")
}  # fmt: skip


def code_of(name: str) -> str:
    """The code of a country by a name of it, or nothing when it is not known."""
    return _CODES.get(_plain(name), "")
