"""One spelling per address, and nothing that SES cannot mail or that holds more than one address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.audience import addresses, countries, details


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("anna@client.example", "anna@client.example"),
        ("  Anna.Berg+x@Client.EXAMPLE ", "anna.berg+x@client.example"),
        ("o'brien@client.example", "o'brien@client.example"),
        ("info@müller.example", "info@xn--mller-kva.example"),
        ("info@MÜLLER.example", "info@xn--mller-kva.example"),
        ("info@xn--mller-kva.example", "info@xn--mller-kva.example"),
        ("x@straße.example", "x@xn--strae-oqa.example"),
        ("bounce+1@simulator.amazonses.com", "bounce+1@simulator.amazonses.com"),
        ("\ufeffanna@client.example", "anna@client.example"),
        ("a" * 64 + "@client.example", "a" * 64 + "@client.example"),
    ],
)
def test_an_address_has_one_spelling(text: str, address: str) -> None:
    assert addresses.normalise(text) == address


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("anna", "@"),
        ("@client.example", "before the @"),
        ("anna@", "after the @"),
        ("a@b", "period"),
        ("a@localhost", "period"),
        ("a@server.local", "reserved"),
        ("a@[192.0.2.1]", "IP address"),
        ("jörg@client.example", "not supported"),
        ("ａnna@client.example", "not supported"),
        ("a" * 65 + "@client.example", "too long"),
        ("a@" + "b" * 64 + ".example", "so many characters"),
        ("a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".examples", "254 is the most"),
        ("a..b@client.example", "two periods"),
        (".a@client.example", "period"),
        ("a@-client.example", "hyphen"),
        ("a@client..example", "two periods"),
        ("a@client.example\r\nBcc: b@client.example", "line break"),
        ("a@client.example\n", "line break"),
        ("a\x00@client.example", "line break"),
        ("a\u202eb@client.example", "invisible"),
        ("a@client.example,b@client.example", "more than one"),
        ("a@client.example; b@client.example", "more than one"),
        ("a@b@client.example", "more than one"),
        ("Anna <a@client.example>", "without a name"),
        ('"a b"@client.example', "without a name"),
        ("a b@client.example", "SPACE"),
        ("a(comment)@client.example", "invalid characters"),
    ],
)
def test_what_is_not_one_address_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(addresses.BadAddress, match=words):
        addresses.normalise(text)


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_a_refusal(text: str) -> None:
    try:
        address = addresses.normalise(text)
    except addresses.BadAddress as refused:
        assert str(refused)
        return
    assert address == addresses.normalise(address)
    assert address.isascii()
    assert address == address.lower()
    assert len(address) <= 254
    assert address.count("@") == 1
    assert not set(address) & set(' \r\n,;<>"')


@given(st.from_regex(r"[A-Za-z0-9._+'-]{1,70}@[A-Za-z0-9.-]{1,20}\.[a-z]{2,8}", fullmatch=True))
def test_the_quick_way_says_what_the_library_says(text: str) -> None:
    quick = _outcome(lambda: addresses.normalise(text))
    library = _outcome(lambda: addresses._checked(text))
    assert quick == library


def _outcome(call: object) -> str:
    try:
        return str(call())  # type: ignore[operator]
    except addresses.BadAddress:
        return "refused"


@pytest.mark.parametrize(
    ("address", "role"),
    [
        ("info@x.example", True),
        ("support+eu@x.example", True),
        ("anna@x.example", False),
        ("information@x.example", False),
    ],
)
def test_addresses_of_teams_are_known(address: str, role: bool) -> None:
    assert addresses.is_role(address) is role


def test_the_digest_of_an_address_is_sha_256() -> None:
    assert addresses.digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(("text", "kept"), [(" Anna  Maria ", "Anna Maria"), ("", ""), ("-", ""), ("Łukasz", "Łukasz")])
def test_a_name_is_kept_with_single_spaces(text: str, kept: str) -> None:
    assert details.name(text) == kept


@pytest.mark.parametrize("text", ["=1+1", "+49", "@x", "-2", "{{ a }}", "a\x00b", "a\u202eb", "x" * 101])
def test_a_name_that_could_do_harm_is_refused(text: str) -> None:
    with pytest.raises(details.BadDetail):
        details.name(text)


@pytest.mark.parametrize(("text", "zone"), [("europe/berlin", "Europe/Berlin"), (" UTC ", "UTC"), ("", "")])
def test_a_time_zone_gets_its_own_spelling(text: str, zone: str) -> None:
    assert details.time_zone(text) == zone


@pytest.mark.parametrize("text", ["Berlin", "Europe/Atlantis", "../../etc/passwd", "GMT+25"])
def test_an_unknown_time_zone_is_refused(text: str) -> None:
    with pytest.raises(details.BadDetail, match="IANA"):
        details.time_zone(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("de", "DE"), (" GB", "GB"), ("", ""), ("Germany", "DE"), ("deutschland", "DE"), ("ÖSTERREICH", "AT"),
        ("Oesterreich", "AT"), ("Osterreich", "AT"), ("UK", "GB"), ("U.S.A.", "US"), ("United  States", "US"),
        ("Grossbritannien", "GB"), ("Großbritannien", "GB"), ("Česko", "CZ"), ("日本", "JP"), ("Türkiye", "TR"),
        ("Cote d'Ivoire", "CI"), ("the Netherlands", "NL"), ("Saudi Arabien", "SA"), ("भारत", "IN"),
    ],
)  # fmt: skip
def test_a_country_is_two_capitals(text: str, code: str) -> None:
    assert details.country(text) == code


@pytest.mark.parametrize("text", ["Atlantis", "D", "XX", "Korea", "-", "Berlin"])
def test_an_unknown_country_is_refused(text: str) -> None:
    with pytest.raises(details.BadDetail, match="ISO 3166"):
        details.country(text)


def test_no_name_means_two_countries_and_each_code_is_one() -> None:
    lines = countries._NAMES.strip().splitlines()
    assert {line[:2] for line in lines} <= details.COUNTRIES
    named = [(countries._plain(name), line[:2]) for line in lines for name in line[3:].split("|")]
    assert all(name and countries.code_of(name) == code for name, code in named)
