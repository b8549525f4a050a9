"""Chromium for the tests of pages: found on the machine, driven by Playwright, watched for errors.

Tests with the marker `browser` are skipped where there is no Chromium; nothing is fetched. The variable CHROMIUM names
another one than Debian's.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# A page that is refused or missing says so by its status, which Chromium repeats on its console.
EXPECTED = "the server responded with a status of"


def chromium() -> str:
    """The path of a Chromium on this machine; empty when there is none."""
    wanted = os.environ.get("CHROMIUM", "")
    return wanted or next((path for name in NAMES if (path := shutil.which(name))), "")


@dataclass
class Window:
    """One page in a browser context of its own, with everything that went wrong in it."""

    page: Any
    address: str
    problems: list[str] = field(default_factory=list)

    def go(self, path: str) -> Any:
        """Open a path of the live server and wait until nothing loads any more."""
        answer = self.page.goto(self.address + path, wait_until="load")
        self.page.wait_for_selector(".htmx-request", state="detached")
        return answer

    def until(self, script: str, *, seconds: float = 10) -> None:
        """Wait until an expression is true. Playwright's own waiting evaluates strings, which our policy forbids."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(script):
            assert time.monotonic() < end, f"never true: {script}"
            self.page.wait_for_timeout(50)

    def watch(self) -> None:
        """Collect errors of scripts, of the console and answers of the server that are its own fault."""
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("console", self._heard)
        self.page.on("response", self._answered)

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning") and EXPECTED not in message.text:
            self.problems.append(f"console: {message.text}")

    def _answered(self, response: Any) -> None:
        if response.status >= 500:
            self.problems.append(f"{response.status} of {response.url}")

    def taken(self) -> list[str]:
        """What went wrong since the last question."""
        found, self.problems = self.problems, []
        return found

    def violations(self, *rules: str) -> list[str]:
        """What axe-core finds, each with the first element.

        Args:
            rules: names of its rules; without any, WCAG 2.2 A and AA and its best practices.
        """
        from axe_playwright_python.sync_playwright import Axe

        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": AXE_TAGS}
        before = list(self.problems)
        found = Axe().run(self.page, options={"runOnly": only})
        self.problems = before  # axe sets styles of its own, which our policy blocks and the console tells
        return [
            f"axe {violation['id']}: {violation['help']} ({violation['nodes'][0]['html'][:160]})"
            for violation in found.response["violations"]
        ]

    def turn(self, scheme: str) -> None:
        """Show the same page in the other colours: "light" or "dark"."""
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    def overflow(self) -> str:
        """Says so when the page is wider than its window."""
        wide, seen = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        return f"{wide} px wide in a window of {seen} px" if wide > seen else ""


@pytest.fixture(scope="session")
def chromium_process(django_db_setup: None) -> Iterator[Any]:
    """One headless Chromium for the session."""
    path = chromium()
    if not path:
        if "browser" in os.environ.get("RELMAIL_REQUIRE", ""):
            pytest.fail("There is no Chromium on this machine; install Debian's package chromium.")
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, so Django takes each query in it for one from asynchronous code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    migrated = getattr(connection, "_test_serialized_contents", None)
    with sync_playwright() as playwright:
        if migrated is not None:
            # Inside the loop Django has another connection object, which must know what migrations wrote as well:
            # without it a test after the first would find no groups and no templates.
            connection._test_serialized_contents = migrated
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_window(chromium_process: Any, live_server: Any) -> Iterator[Callable[..., Window]]:
    """Opens a window on the live server: open_window(person, width=390, scheme="dark"). No person: a stranger."""
    contexts = []

    def opened(person: Any = None, *, width: int = 1280, scheme: str = "light") -> Window:
        context = chromium_process.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        contexts.append(context)
        if person is not None:
            client = Client()
            client.force_login(person)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        window = Window(context.new_page(), live_server.url)
        window.page.set_default_timeout(10_000)
        window.watch()
        return window

    yield opened
    for context in contexts:
        context.close()
