"""Fixtures for the whole suite: the clock, the simulator, and signed-in people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER
from tests import factories
from tests.browser import chromium_process, open_window

__all__ = ["chromium_process", "open_window"]  # fixtures

# A busy machine is no counterexample; how long something takes is measured in bench/.
hypothesis_settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test with real transactions what the migrations brought (roles, templates, a cadence).

    Such a test empties the tables at its end. All of them must put the rows back, or the first that does not makes
    content types anew under other numbers and those after it fail.
    """
    for item in items:
        marker = item.get_closest_marker("django_db")
        names = getattr(item, "fixturenames", [])
        if (marker and marker.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(names):
            names.append("django_db_serialized_rollback")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name in the last lines what was not run here, and which command runs it."""
    if hasattr(config, "workerinput"):
        return
    from django.conf import settings

    left_out = []
    if "not browser" in (config.option.markexpr or ""):
        folder = Path(__file__).parent
        files = sorted(path.name for path in folder.glob("test_*.py") if "pytest.mark.browser" in path.read_text())
        left_out.append(f"tests in Chromium ({', '.join(files)}): make browser")
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        left_out.append("this suite on PostgreSQL with Redis and with RabbitMQ: .ci/run")
    left_out.append("faults with real servers: make faults")
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        left_out.append(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")
    terminalreporter.write_line("Not run here:")
    for line in left_out:
        terminalreporter.write_line(f"  {line}")


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> None:
    """The production hasher takes a third of a second on purpose; a suite of a thousand people has no time for it."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def now() -> dt.datetime:
    """A fixed moment, a Wednesday morning."""
    return factories.NOW


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[Any]:
    """One simulator for the whole session of this worker, on a port of its own."""
    from relmail.simulator.server import Simulator

    simulator = Simulator(port=0)
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(simulator_process: Any, settings: Any) -> Iterator[Any]:
    """The simulator with nothing received, no fault and default quotas; the settings point to it."""
    simulator_process.faults.clear()
    simulator_process.amazon.reset()
    url = simulator_process.url
    settings.JIRA_URL = f"{url}/jira"
    settings.OPENAI_BASE_URL = f"{url}/openai/v1"
    settings.AWS_SES_ENDPOINT_URL = f"{url}/aws"
    settings.AWS_SNS_ENDPOINT_URL = f"{url}/aws"
    settings.SNS_CERTIFICATE_URL_PREFIX = f"{url}/aws/"
    yield simulator_process
    simulator_process.faults.clear()


@pytest.fixture
def sign_in(db: None) -> Callable[[str], Browser]:
    """A test client signed in with a role: sign_in("Marketer")."""

    def signed_in(role: str) -> Browser:
        browser = Browser()
        browser.force_login(factories.make_user(role))
        return browser

    return signed_in


@pytest.fixture
def marketer(db: None) -> Any:
    """A person with the role of marketer."""
    return factories.make_user(MARKETER)


@pytest.fixture
def release_manager(db: None) -> Any:
    """A person with the role of release manager."""
    return factories.make_user(RELEASE_MANAGER)


@pytest.fixture
def operator(db: None) -> Any:
    """A person with the role of operator."""
    return factories.make_user(OPERATOR)
