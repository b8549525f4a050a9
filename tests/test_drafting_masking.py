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
        ("https://bob:s3cret@localhost/x", "LOGIN"),
        ("IBAN DE89 3704 0044 0532 0130 00", "IBAN"),
        ("card 4111 1111 1111 1111", "CARD"),
        ("call +49 40 1234567", "PHONE"),
        ("ask [~jdoe] first", "PERSON"),
        ("reported by Jane Doe", "PERSON"),
        ("fe80::1ff:fe23:4567:890a is refused", "IP"),
        ("It listens on [2001:db8::1]:8080", "IP"),
        ("mapped as ::ffff:10.0.0.1", "IP"),
        ("Connections from 52.14.8.9 fail", "IP"),
        ("Downloads moved to 203.0.113.77", "IP"),
        ("Update the proxy to 10.1.2.3", "IP"),
        ("see http://jenkins:8080/job/kite", "HOST"),
        ("db01.prod.acme.com is slow", "HOST"),
        ("host db-prod-03 fails", "HOST"),
        ("kafka-3:9092 is down", "HOST"),
        ("s3://acme-internal-bucket/dump", "HOST"),
        ("jdbc:oracle:thin:@ledger:1521:ORCL", "HOST"),
        (r"The log lies in \\fs04\builds\kite", "HOST"),
        ("password hunter2 is shown", "SECRET"),
        ("jdbc:postgresql://localhost/kite?password=swordfish", "SECRET"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "TOKEN"),
        ("Bearer abcdef1234567890abcdef", "TOKEN"),
        ("AWS secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "TOKEN"),
        ("ada.lovelace(at)client.example", "EMAIL"),
        (r"Reads C:\Users\jroe\kite.ini", "PATH"),
        ("Reads /home/jroe/kite.ini", "PATH"),
        ("thanks to Maria Lopez for the patch", "PERSON"),
        ("cc @jdoe", "PERSON"),
        ("Assignee: Jane Roe", "PERSON"),
        ("Justin Obara ran into a similar case", "PERSON"),
        ("Call our hotline 0800 123 456", "PHONE"),
        ("to bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh", "WALLET"),
        ("hash 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "TOKEN"),
        ("npm_abcdefghijklmnopqrstuvwxyz0123456789 is refused", "TOKEN"),
        ("SG.abcdefghijklmnopqrstuv.ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg", "TOKEN"),
        ("dop_v1_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "TOKEN"),
        ("hf_abcdefghijklmnopqrstuvwxyzABCDEFGH in the log", "TOKEN"),
        ("pypi-AgEIcHlwaS5vcmcCJGFiY2RlZmdo is printed", "TOKEN"),
        ("http://localhost/services/T00000000/B00000000/abcdefghijklmnopqrstuvwx", "TOKEN"),
        ("Gemeldet von Anna Schmidt", "PERSON"),
        ("Der Fehler wurde von Herrn Müller gemeldet", "PERSON"),
        ("Melder: Jan Kraus", "PERSON"),
        ("Signalé par Marie Durand", "PERSON"),
        ("报告人：李娜", "PERSON"),
        ("此问题由王小明报告", "PERSON"),
        ("assignee: jdoe", "PERSON"),
        ("@mary.jones please look", "PERSON"),
        ("as Anna Kowalska noted", "PERSON"),
        ("Anna Kowalska, our operator in Bergen, reported that it hangs", "PERSON"),
        ("When Anna Kowalska found that it hangs", "PERSON"),
        ("Thanks to 王小明 for the report", "PERSON"),
        ("Reported by 田中太郎.", "PERSON"),
        ("ssh root@build7", "HOST"),
        ("ssh -p 2222 build-7", "HOST"),
        ("deploy@host1 is refused", "HOST"),
        ("on acme-db01 the job hangs", "HOST"),
        ("acme-db-01 hangs", "HOST"),
        ("srv042 hangs", "HOST"),
        ("agent02 is out of memory", "HOST"),
        ("pod api-7d9f8b6c5-x2x4z crashes", "HOST"),
        ("moved to 172.20.3.4", "IP"),
        ("asked for by Nordwind Logistik GmbH", "NAME"),
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
        "Moves from 2.1.0.1 to 2.1.0.2",
        "std::vector and a::b at 10:20:30",
        "org.kite.query and com.google.common.io of node.js and asp.net",
        "@Override and @Deprecated stay",
        "Basic authentication and Bearer tokens",
        "Password sha256 hashes are kept",
        "password=null and token = <your token>",
        "The Query Server says no to Apache Spark and Spring Boot",
        "Reads /home/user/kite.ini",
        "Gemeldet von Kunden, geprüft von uns",
        "assignee: none, reporter = null",
        "Der Bericht des Melders fehlt",
        "报告人字段为空时导出失败",
        "DB2, es6 modules and node16 on ubuntu-22 in us-east-1",
        "actions/checkout@v4, uses checkout@v4 and lodash@4.17.21",
        "spring-web5, log4j-core-2, sql2019 and mysql8",
        "my-component-release-notes and feature-flags-config",
        "ssh keys are kept; scp report.txt to the host",
        "Work Order and Time Sheet noted in the log",
        "Sorted by 名称, then ask 客户",
        "@media.print and @types/node stay",
        "Java SE 8 and the file01.txt below /etc/db01",
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


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("upgrade from 192.168.1.1 to 192.168.1.2", "upgrade from <IP_1> to <IP_2>"),
        ("Mary Jones and Bob Smith complained", "<PERSON_1> and <PERSON_2> complained"),
        ("Mary Jones, Ann Lee and Bob Smith said so", "<PERSON_1>, <PERSON_2> and <PERSON_3> said so"),
        ("as Anna Kowalska (ACME Corp) noted", "as <PERSON_1> (<NAME_1>) noted"),
        ("@mary.jones, @Bob.Smith and @jroe.", "<PERSON_1>, <PERSON_2> and <PERSON_3>."),
        ("upgrade from 10.1.2.3 to 10.1.2.4 beside 2.12.6.1", "upgrade from 10.1.2.3 to 10.1.2.4 beside 2.12.6.1"),
    ],
)
def test_each_private_thing_of_a_sentence_is_masked_whole(text: str, masked: str) -> None:
    mask = Mask(people=("Bob Smith",))
    assert mask.mask(text) == masked
    assert mask.unmask(masked) == text


@pytest.mark.parametrize(
    "text", ["srv042 hangs", "as Anna Kowalska noted", "ssh root@build7", "Nordwind Logistik GmbH"]
)
def test_what_is_only_guessed_at_stops_no_mail(text: str) -> None:
    assert all(secret.guess for secret in find(text))


def test_customers_named_in_the_settings_are_masked() -> None:
    mask = Mask(names=("Nordwind Logistik",))
    assert mask.mask("Requested for Nordwind Logistik's import") == "Requested for <NAME_1>'s import"


def test_names_are_masked_in_scripts_without_spaces_too() -> None:
    mask = Mask(names=("华为",), people=("王小明",))
    text = "应华为要求,王小明修复了导出"
    masked = mask.mask(text)
    assert masked == "应<NAME_1>要求,<PERSON_1>修复了导出"
    assert mask.unmask(masked) == text


def test_hosts_that_clients_may_be_told_stay() -> None:
    mask = Mask(allowed=("kite.example",))
    text = "See https://docs.kite.example/move and docs.kite.example, not https://build.acme.example/move"
    assert mask.mask(text) == "See https://docs.kite.example/move and docs.kite.example, not https://<HOST_1>/move"


def test_each_of_a_list_of_people_is_masked() -> None:
    assert (
        Mask().mask("Thanks to Łukasz Żak, @jroe and Ann O'Brien.")
        == "Thanks to <PERSON_1>, <PERSON_2> and <PERSON_3>."
    )


def test_a_token_that_nobody_made_is_left_alone() -> None:
    assert Mask().unmask("<EMAIL_7> stays") == "<EMAIL_7> stays"


@given(st.text(alphabet=st.characters(exclude_characters="<>"), max_size=200))
def test_unmasking_gives_back_what_was_masked(text: str) -> None:
    mask = Mask()
    assert mask.unmask(mask.mask(text)) == text
