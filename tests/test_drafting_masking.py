"""What is taken out of Jira text before it leaves, and what must stay because it is a fact."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.drafting.masking import Mask, find


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ask ada.lovelace@client.example about it", "EMAIL"),
        ("The host build-07.corp is down", "HOST"),
        ("db1.prod.internal refuses", "HOST"),
        ("Connect to 10.12.0.4 fails", "IP"),
        ("Host 203.0.113.9 answers late", "IP"),
        ("It listens on 198.51.100.7:8443", "IP"),
        ("token sk-proj-abcdefghijklmnop123456", "TOKEN"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "TOKEN"),
        ("xoxb-123456789012-abcdefghijkl", "TOKEN"),
        ("AKIAIOSFODNN7EXAMPLE is used", "TOKEN"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "TOKEN"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", "KEY"),
        ("password: hunter22!", "SECRET"),
        ("api_key = 'a1b2c3d4e5'", "SECRET"),
        ("https://bob:s3cret@git.example/x", "LOGIN"),
        ("IBAN DE89 3704 0044 0532 0130 00", "IBAN"),
        ("card 4111 1111 1111 1111", "CARD"),
        ("call +49 40 1234567", "PHONE"),
        ("ask [~jdoe] first", "PERSON"),
        ("reported by Jane Doe", "PERSON"),
        ("hash 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "TOKEN"),
    ],
)
def test_private_things_are_found(text: str, name: str) -> None:
    assert [secret.name for secret in find(text)] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Update Jackson to 2.12.6.1",
        "Upgrade to 10.0.0.1",
        "Bump the driver from 9.4.49.20 to 9.4.50.1",
        "Update Jetty to 9.4.49.v20220914",
        "Released on 2026-11-23 at 10:00",
        "phoenix.max.inList.skipScan.size is 50000",
        "The class PhoenixIndexImportDirectReducerWithAVeryLongNameIndeed fails",
        "PreparedStatement#getMetaData() and a/path/to/some/file/in/the/source/tree.py",
        "The password dialog is centred",
        "Reset your token budget",
        "package@3.0.0-dev.20210312T233557Z.main",
        "Fixed by changing 1234567890 rows",
    ],
)
def test_facts_of_a_release_stay(text: str) -> None:
    assert find(text) == []


def test_the_mask_is_reversible_and_the_same_thing_keeps_its_name() -> None:
    mask = Mask()
    text = "Ask ada@client.example, then bob@client.example, then ada@client.example."
    masked = mask.mask(text)
    assert masked == "Ask <EMAIL_1>, then <EMAIL_2>, then <EMAIL_1>."
    assert mask.unmask(masked) == text
    assert mask.table["<EMAIL_2>"] == "bob@client.example"


def test_customers_named_in_the_settings_are_masked() -> None:
    mask = Mask(names=("Nordwind Logistik",))
    assert mask.mask("Requested for Nordwind Logistik's import") == "Requested for <NAME_1>'s import"


def test_a_token_that_nobody_made_is_left_alone() -> None:
    assert Mask().unmask("<EMAIL_7> stays") == "<EMAIL_7> stays"


@given(st.text(alphabet=st.characters(exclude_characters="<>"), max_size=200))
def test_unmasking_gives_back_what_was_masked(text: str) -> None:
    mask = Mask()
    assert mask.unmask(mask.mask(text)) == text
