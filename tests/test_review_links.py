"""Links are tried when a person asks: over HTTP on loopback, with redirections, and nothing that is not public."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from campaigns.models import CampaignEmail, LinkCheck
from campaigns.review import opening, preflight, services
from campaigns.review.opening import Opened, open_link
from campaigns.review.preflight.mail import Page
from tests import factories

NOW = factories.NOW


class Pages(BaseHTTPRequestHandler):
    """Answers by the path: /301?to=... leads on, /404 is missing, /trickle never ends."""

    def do_GET(self) -> None:
        path, _, to = self.path.partition("?to=")
        if path == "/trickle":
            for _ in range(100):
                self.wfile.write(b"H")
                time.sleep(0.05)
            return
        self.send_response(int(path.strip("/") or 200))
        if to:
            self.send_header("Location", to)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Silent."""


@pytest.fixture
def site(settings: Any) -> Iterator[str]:
    """A web server on loopback, which the settings allow to be called."""
    settings.LINK_CHECK_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def opened(address: str, *, seconds: float = 10) -> Opened:
    return open_link(address, until=time.monotonic() + seconds)


def test_a_page_that_opens_and_one_that_does_not_are_told_apart(site: str) -> None:
    assert opened(f"{site}/") == Opened("200")
    assert opened(f"{site}/404") == Opened("404", "it answers 404.")
    assert opened("http://127.0.0.1:9/").problem.startswith("no connection")


def test_redirections_are_followed_and_each_step_is_told(site: str) -> None:
    found = opened(f"{site}/301?to=/302?to=/200")
    assert found == Opened(f"301 to {site}/302?to=/200, 302 to {site}/200, 200")
    assert opened(f"{site}/301?to=/404").problem == "it answers 404."
    assert opened(f"{site}/302?to=/302").problem == ""  # a redirection that leads nowhere is an answer


def test_a_circle_of_redirections_ends(site: str) -> None:
    assert opened(f"{site}/301?to={site}/301?to={site}/301?to=/301?to=/301?to=/301?to=/301?to=/200").problem == (
        "it leads on more than 5 times."
    )


def test_nothing_leads_from_an_encrypted_page_to_one_that_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"https://kite.example/": (301, "http://kite.example/"), "http://kite.example/": (200, "")}
    monkeypatch.setattr(opening, "_ask", lambda address, *, seconds: answers[address])
    assert opened("https://kite.example/").problem == "it leads on to an address that is not encrypted."
    answers["https://kite.example/"] = (301, "file:///etc/passwd")
    assert opened("https://kite.example/").problem == "it leads on to something that is no page."


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.0.0.5", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
        "[::1]", "[fd00::1]", "[fe80::1]", "[::ffff:10.0.0.5]", "[64:ff9b::a00:5]", "[2002:a00:5::]", "localhost",
        "2130706433", "0x7f.1",
    ],
)  # fmt: skip
def test_no_address_that_is_not_public_is_called(host: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LINK_CHECK_NETWORKS = []
    called: list[Any] = []
    monkeypatch.setattr("socket.create_connection", lambda *arguments, **_: called.append(arguments))
    found = opened(f"http://{host}/")
    assert called == []
    assert not found.tried
    assert "not a public address" in found.answer


def test_a_page_that_leads_on_to_a_private_address_is_a_problem(site: str, settings: Any) -> None:
    found = opened(f"{site}/302?to=http://169.254.169.254/latest/meta-data/")
    assert "it leads on to an address that is not public (169.254.169.254" in found.problem


def test_an_answer_that_trickles_ends_in_time(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "SECONDS", 0.3)
    assert opened(f"{site}/trickle").problem == "no answer within 0 seconds."


# --- the verb ------------------------------------------------------------------------------------------------------
@pytest.fixture
def email(db: None) -> CampaignEmail:
    made = factories.make_email(factories.make_campaign(), state="drafted")
    factories.make_revision(made)
    return made


def reachable(email: CampaignEmail) -> list[str]:
    from campaigns.drafting.selectors import current_revision

    fresh = CampaignEmail.objects.get(pk=email.pk)
    revision = current_revision(fresh)
    assert revision is not None
    return [each.message for each in preflight.run(fresh, revision, now=NOW) if each.rule == "reachable"]


def test_links_are_tried_when_asked_and_what_fails_is_a_warning(email: CampaignEmail, marketer: Any) -> None:
    asked: list[str] = []

    def ask(address: str) -> Opened:
        asked.append(address)
        return Opened("404", "it answers 404.")

    assert reachable(email) == []
    services.check_links(email=email, by=marketer, now=NOW, ask=ask)
    assert asked == ["https://kite.example/releases"]
    assert reachable(email) == ["https://kite.example/releases could not be opened: it answers 404."]
    services.check_links(email=email, by=marketer, now=NOW, ask=lambda _: Opened("200"))
    assert reachable(email) == []
    with pytest.raises(PermissionDenied):
        services.check_links(email=email, by=factories.make_user("Operator"), now=NOW, ask=ask)


def test_every_link_that_the_rule_allows_is_tried_and_the_others_say_why_not(
    email: CampaignEmail, marketer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = [
        "https://docs.kite.example/notes", "https://www.kite.example/", "https://kite.example.evil.example/",
        "https://kite.example/{{token}}", "mailto:help@kite.example",
    ]  # fmt: skip
    monkeypatch.setattr(preflight.Mail, "page", Page(links=links))
    asked: list[str] = []

    def ask(address: str) -> Opened:
        asked.append(address)
        return Opened("200")

    services.check_links(email=email, by=marketer, now=NOW, ask=ask)
    assert sorted(asked) == links[:2]
    left = {row.address: row.answer for row in LinkCheck.objects.filter(tried=False)}
    assert left == {
        links[2]: "Not a host that mail of this product leads to.", links[3]: "It is made for each reader.",
    }  # fmt: skip
    assert reachable(email) == []


def test_when_the_time_is_up_the_rest_is_named_as_not_tried(
    email: CampaignEmail, marketer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = [f"https://kite.example/{number}" for number in range(25)]
    monkeypatch.setattr(preflight.Mail, "page", Page(links=links))
    ended = threading.Event()

    def ask(address: str) -> Opened:
        if address != links[0]:
            ended.wait(20)
        return Opened("200")

    rows = services.check_links(email=email, by=marketer, now=NOW, ask=ask, seconds=0.2)
    ended.set()
    assert [row.address for row in rows if row.tried] == links[:1]
    reasons = [row.answer for row in rows if not row.tried]
    assert reasons.count("The 0.2 seconds for all links together were up. Check again.") == 19
    assert reasons.count("No more than 20 are tried at once.") == 5


def test_the_page_says_what_each_link_answered(email: CampaignEmail, sign_in: Any, settings: Any) -> None:
    settings.LINK_CHECK_NETWORKS = []
    type(email.campaign.release.product).objects.update(website="http://localhost:9/releases")
    browser = sign_in("Marketer")
    page = browser.post(f"/emails/{email.pk}/check-links/", follow=True).text
    assert "Links: 0 open, 1 was not tried." in page.replace("2 were", "1 was")
    assert "What the links answered" in page
    assert "not a public address" in page
