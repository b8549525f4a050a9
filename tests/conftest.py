"""Fixtures for the whole suite: the clock, the simulator, and signed-in people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client as Browser

from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER
from tests import factories


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
