"""The environment of the faults, the fixtures, and the table that is printed at the end."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from faults.servers import PostgreSQL, RabbitMQ, Redis
from tests.sqs_server import Sqs


@dataclass
class Line:
    """One fault in the table."""

    name: str
    seconds: float
    verdict: Any
    problem: str


LINES = pytest.StashKey[list[Line]]()
WORLD = pytest.StashKey[Any]()
SIMULATOR = pytest.StashKey[Any]()
_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Start the simulator and set Django up for servers that start later, whatever the caller's environment says."""
    config.stash[LINES] = []
    postgres = PostgreSQL()
    config.stash[WORLD] = postgres
    from relmail.simulator.server import Simulator

    simulator = Simulator(port=0, event_pace=1_000.0).start()
    config.stash[SIMULATOR] = simulator
    for name in [name for name in os.environ if name.startswith(("AWS_", "CELERY_", "SEND_", "SNS_", "FREQUENCY_"))]:
        del os.environ[name]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "relmail.settings",
        "RELMAIL_IGNORE_DOTENV": "1",
        "RELMAIL_MODE": "embedded",
        "DATABASE_URL": postgres.url("relmail"),
        "CELERY_BROKER_URL": "memory://localhost//",
        "SECRET_KEY": "faults " * 10,
        "AWS_SES_ENDPOINT_URL": f"{simulator.url}/aws",
        "AWS_SNS_ENDPOINT_URL": f"{simulator.url}/aws",
        "SNS_CERTIFICATE_URL_PREFIX": f"{simulator.url}/aws/",
        "SEND_BATCH_SIZE": "10",
        "SEND_RATE_PER_SECOND": "100000",
        # So many faults in one small e-mail would pause it; that is a fault of its own.
        "SEND_FAILURE_PERCENT": "100",
        "SEND_UNKNOWN_PERCENT": "100",
        "LOG_LEVEL": "ERROR",
    }
    import django

    django.setup()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started for the configuration."""
    if SIMULATOR in config.stash:
        config.stash[SIMULATOR].stop()
        config.stash[WORLD].remove()


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Iterator[PostgreSQL]:
    """A cluster of our own with a migrated database to copy."""
    import psycopg
    from django.core.management import call_command
    from django.db import connections

    server: PostgreSQL = pytestconfig.stash[WORLD].start()
    try:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE relmail")
        call_command("migrate", verbosity=0)
        connections.close_all()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    """A Redis of our own."""
    server = Redis()
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    """A RabbitMQ node of our own."""
    server = RabbitMQ()
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def sqs() -> Iterator[Sqs]:
    """Amazon's SQS as far as kombu speaks it, in this process."""
    server = Sqs()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def simulator(pytestconfig: pytest.Config) -> Iterator[Any]:
    """The simulated SES with an empty inbox and no fault."""
    found = pytestconfig.stash[SIMULATOR]
    found.faults.clear()
    found.amazon.reset()
    found.amazon.account.set_quota(max_per_second=1_000_000, max_24h=10_000_000)
    yield found
    found.faults.clear()


@pytest.fixture
def world(request: pytest.FixtureRequest, postgres: PostgreSQL, simulator: Any) -> Iterator[Any]:
    """A database, an SES, and the means to start and end workers."""
    from faults.world import World, database

    with database(postgres, f"fault_{next(_numbers)}") as name:
        made = World(postgres, simulator, name)
        request.node.stash[WORLD] = made
        try:
            yield made
        finally:
            made.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    """Keep the line of each fault."""
    report = yield
    if call.when == "call" or report.failed:
        name = item.name.removeprefix("test_").partition("[")[0].replace("_", " ")
        if "[" in item.name:
            name += ": " + item.name.partition("[")[2].rstrip("]")
        world = item.stash.get(WORLD, None)
        verdict = world.verdict if world is not None else None
        problem = ""
        if report.failed:
            if world is not None and call.when == "call" and (said := world.said()):
                report.sections.append(("what the programs wrote", said))
            problem = str(call.excinfo.value).splitlines()[0] if call.excinfo and str(call.excinfo.value) else "failed"
        elif verdict is None:
            problem = "nothing was judged"
            report.outcome = "failed"
            report.longrepr = problem
        item.config.stash[LINES].append(Line(name, time.time() - call.start, verdict, problem))
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """One line for each fault."""
    lines = config.stash[LINES]
    if not lines:
        return
    width = max(len(line.name) for line in lines)
    columns = ("planned", "accepted", "unknown", "other", "waiting", "duplicates", "missing")
    terminalreporter.write_line("")
    terminalreporter.write_line(f"{'fault':<{width}}  " + "  ".join(columns) + "  seconds  ok")
    for line in lines:
        figures = "  ".join(
            f"{getattr(line.verdict, column) if line.verdict else '-':>{len(column)}}" for column in columns
        )
        said = f"NO: {line.problem[:200]}" if line.problem else "ok"
        terminalreporter.write_line(
            f"{line.name:<{width}}  {figures}  {line.seconds:>7.1f}  {said}", red=bool(line.problem)
        )
    good = sum(not line.problem for line in lines)
    terminalreporter.write_line(f"{good} of {len(lines)} faults left every law standing.")
