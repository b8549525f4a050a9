"""The benches run, count right and end in a line of name=value; how fast anything is, is not tested here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench import mail, sink_client
from bench.peers import boto3_loop
from bench.process import Measured
from bench.rounds import Figure, Side, table, take_turns

ROOT = Path(__file__).resolve().parent.parent
BENCHES = ("growth", "memory", "million", "pages", "prepare", "quota", "send", "sink")


def bench(name: str, *arguments: str) -> str:
    """What a bench printed."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "bench" / f"{name}.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def last_line(output: str) -> dict[str, float]:
    line = output.strip().splitlines()[-1]
    assert re.fullmatch(r"\w+=[\d.]+( \w+=[\d.]+)*", line), line
    return {name: float(value) for name, value in (pair.split("=") for pair in line.split())}


@pytest.fixture
def boto3_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in (("AWS_REGION", "eu-central-1"), ("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")):
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize("name", BENCHES)
def test_every_bench_says_how_it_is_used(name: str) -> None:
    assert "python bench/" in bench(name, "--help")


def test_the_sink_is_faster_than_any_sender() -> None:
    assert last_line(bench("sink", "--seconds", "0.3"))["messages_per_second"] > 10_000


def test_preparing_is_measured_on_sqlite() -> None:
    found = last_line(bench("prepare", "--databases", "sqlite", "--messages", "300", "--rounds", "1"))
    assert set(found) == {"sqlite", "memory_mb"}


def test_pages_are_measured_in_a_company_that_grew() -> None:
    output = bench(
        "pages", "--database", "sqlite", "--messages", "2000", "--releases", "6", "--rounds", "1",
        "--only", "^([^a]|agenda|analytics|audience)",  # all but the lists of the admin
    )  # fmt: skip
    assert "6 releases, 18 e-mails, 2,180 contacts, 4,360 messages" in output
    found = last_line(output)
    assert found["pages"] > 60 and found["partials"] > 20
    assert found["growing"] == 0, output


def test_the_sink_counts_recipients_and_copies(boto3_environment: pytest.MonkeyPatch) -> None:
    with sink_client.running(count=True) as sink:
        boto3_environment.setenv("AWS_SES_ENDPOINT_URL", sink.url)
        assert boto3_loop.work(lambda: None, messages=120) == {"accepted": 120}
        once = sink.stats()
        boto3_loop.work(lambda: None, messages=50, threads=2)
        twice = sink.stats()
        sink.reset()
        assert sink.stats()["accepted"] == 0
    assert (once["calls"], once["accepted"], once["recipients"], once["duplicates"]) == (3, 120, 120, 0)
    assert (twice["accepted"], twice["recipients"], twice["duplicates"]) == (170, 120, 50)


def test_the_sink_refuses_calls_above_its_quota_and_accepts_none_of_them(
    boto3_environment: pytest.MonkeyPatch,
) -> None:
    with sink_client.running(quota=100, burst=1) as sink:
        boto3_environment.setenv("AWS_SES_ENDPOINT_URL", sink.url)
        client = boto3_loop.client()
        assert client.get_account()["SendQuota"]["MaxSendRate"] == 100
        for number in range(2):
            client.send_bulk_email(**mail.bulk_request(50, number))
        with pytest.raises(client.exceptions.TooManyRequestsException):
            client.send_bulk_email(**mail.bulk_request(50))
        stats = sink.stats()
    assert (stats["accepted"], stats["throttled"], stats["calls"]) == (100, 1, 3)


def test_the_sink_loses_answers_after_accepting_and_fails_before(boto3_environment: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import ClientError, HTTPClientError

    with sink_client.running(lost=1) as sink:
        boto3_environment.setenv("AWS_SES_ENDPOINT_URL", sink.url)
        with pytest.raises(HTTPClientError):
            boto3_loop.client().send_bulk_email(**mail.bulk_request(50))
        assert sink.stats()["accepted"] == 50
    with sink_client.running(errors=1) as sink:
        boto3_environment.setenv("AWS_SES_ENDPOINT_URL", sink.url)
        with pytest.raises(ClientError):
            boto3_loop.client().send_bulk_email(**mail.bulk_request(50))
        assert sink.stats()["accepted"] == 0


def test_sides_take_turns_and_the_table_shows_medians() -> None:
    order: list[str] = []

    def run(name: str, seconds: float) -> Figure:
        order.append(name)
        return Figure(100, Measured(seconds, 1.0, 0.5, 80.0))

    sides = [Side("a", lambda: run("a", 1.0)), Side("b", lambda: run("b", 2.0))]
    take_turns(sides, 3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert sides[0].rate / sides[1].rate == 2
    assert "100 (100..100)" in table(sides)
    assert sides[0].cpu_per_10k == 150
