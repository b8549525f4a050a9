"""Photograph the pages of a made-up company: .venv/bin/python docs/screenshots/make.py [folder]

Makes a database of its own in a temporary folder, fills it with tests/world.py, serves it on loopback and writes one
WebP for each page, width and colour scheme, each of at most 60 KB. Needs Chromium, and Playwright from the development
requirements. Without a folder the files go beside this one, and what another run left there is replaced.

    --only sending,home     some of the pages; what is there of others stays
    --whole                 as long as the page is, as PNG, to look at every corner of it
    --on postgresql://...   of a company of millions that bench/pages.py --keep left; only with a folder
"""

from __future__ import annotations

import argparse
import base64
import datetime as dt
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 60_000
WIDTHS = (390, 768, 1280, 1600)
SCHEMES = ("light", "dark")
# Pages beside the main ones: on a phone and on a desk.
BESIDE = {
    "admin-batches", "admin-events", "admin-contacts", "admin-cadence", "admin-messages", "campaign-plan", "clients",
    "home-operator", "import-checked", "list", "messages", "notices-settings", "quality", "suppressions",
    "template-draft", "unsubscribe",
}  # fmt: skip


@dataclass(frozen=True)
class Shot:
    """A page: its path, who looks at it, and which status it answers with."""

    path: str
    person: str = "Release manager"
    status: int = 200
    # What happens in the company before it, once, and on the page before each picture.
    before: Callable[[], None] | None = None
    on_page: Callable[[Any], None] | None = None


def served(folder: str, on: str) -> tuple[str, Any]:
    """A relmail with a world in it: its address and the world."""
    os.environ["DATABASE_URL"] = on or f"sqlite:///{folder}/screenshots.sqlite3"
    os.environ["DJANGO_SETTINGS_MODULE"] = "relmail.settings"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright runs a loop in this thread
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone
    from waitress import create_server

    from relmail.wsgi import application
    from tests.world import make_world

    settings.ALLOWED_HOSTS = ["127.0.0.1", "testserver"]
    if on:
        from bench import company

        world = company.found()
    else:
        call_command("migrate", verbosity=0)
        now = timezone.now()
        _date((now + dt.timedelta(days=10)).date())
        world = make_world(now)
        _write()
        _clash(world)
        _suppress(world)
    server = create_server(application, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    return f"http://127.0.0.1:{server.effective_port}", world


def _date(release: dt.date) -> None:
    """Let the facts of the world's release name the day on which it comes."""
    from tests import factories

    factories.FACTS["release"]["release_date"] = release.isoformat()


def _write() -> None:
    """Each e-mail says what the extractive drafter makes of its facts; somebody added a claim to the one of the day."""
    from dataclasses import replace

    from campaigns.drafting import extractive
    from campaigns.drafting.facts import Facts
    from campaigns.drafting.models import Revision
    from campaigns.drafting.text import Block, Sentence

    for revision in Revision.objects.select_related("email", "snapshot"):
        text = extractive.draft(Facts.from_json(revision.snapshot.facts), revision.email.step)
        if revision.email.step == "release_day":
            claim = Sentence("Exports are now much faster.", ("KITE-1",))
            blocks = [
                Block(block.kind, (*block.sentences, claim)) if block.kind == "highlights" else block
                for block in text.blocks
            ]
            text = replace(text, blocks=tuple(blocks))
        revision.subject, revision.preheader = text.subject, text.preheader
        revision.blocks, revision.order, revision.digest = text.to_json()["blocks"], list(text.order), text.digest()
        revision.save(update_fields=["subject", "preheader", "blocks", "order", "digest"])


def _suppress(world: Any) -> None:
    """Some addresses that must not be mailed, and where the clients are."""
    from campaigns.audience import services
    from campaigns.models import Client, Contact

    Client.objects.update(country="DE", time_zone="Europe/Berlin")
    for contact, reason in zip(
        Contact.objects.order_by("pk")[:3], ("hard_bounce", "complaint", "manual"), strict=False
    ):
        services.suppress(email=contact.email, reason=reason, detail="550 5.1.1", by=None, now=world.now)


def _clash(world: Any) -> None:
    """Two products that write to the same people on one day."""
    from campaigns.models import CampaignEmail

    harbor = world.emails["sending"].campaign
    harbor.lists.add(world.contact_list)
    CampaignEmail.objects.filter(campaign=harbor, step="follow_up").update(send_at=world.emails["reminder"].send_at)


def shots(world: Any) -> dict[str, Shot]:
    """Every main page by its name."""
    from django.urls import reverse

    from campaigns.audience import unsubscribe

    release, sending = world.release, world.emails["sending"]
    token = unsubscribe.token(world.contact.pk, world.product.pk)
    return {
        "sign-in": Shot("/login/", ""),
        "home": Shot("/"),
        "home-operator": Shot("/", "Operator"),
        "releases": Shot("/releases/"),
        "release": Shot(reverse("releases:release", args=[release.pk])),
        "product": Shot(reverse("releases:product", args=[release.product_id]), "Operator"),
        "campaigns": Shot("/campaigns/"),
        "campaign": Shot(world.campaign.get_absolute_url()),
        "campaign-plan": Shot(reverse("planning:plan", args=[world.bare_release.pk])),
        "review": Shot("/emails/"),
        "email": Shot(world.emails["reminder"].get_absolute_url()),
        "email-draft": Shot(world.emails["release_day"].get_absolute_url(), "Marketer"),
        "audience": Shot("/audience/"),
        "contacts": Shot("/audience/contacts/?q=reader"),
        "contact": Shot(reverse("audience:contact", args=[world.contact.pk])),
        "list": Shot(reverse("audience:list", args=[world.contact_list.pk])),
        "clients": Shot("/audience/clients/"),
        "suppressions": Shot("/audience/suppressions/"),
        "import": Shot("/audience/imports/"),
        "import-checked": Shot(reverse("audience:import", args=[world.contact_import.pk])),
        "templates": Shot("/templates/"),
        "template": Shot("/templates/announcement/"),
        "template-draft": Shot("/templates/reminder/draft/"),
        "overview": Shot("/overview/"),
        "quality": Shot("/overview/quality/"),
        "notices": Shot("/notices/"),
        "notices-settings": Shot("/notices/settings/"),
        "search": Shot("/search/?q=kite"),
        "messages": Shot(reverse("delivery:messages", args=[sending.pk]), "Operator"),
        "messages-failed": Shot(
            reverse("delivery:messages", args=[world.emails["announcement"].pk]) + "?state=failed", "Operator"
        ),
        "sender": Shot("/sending/sender/", "Operator"),
        "unsettled": Shot("/sending/unsettled/", "Operator"),
        "dead-letters": Shot("/sending/groups/", "Operator"),
        "admin": Shot("/admin/", "Operator"),
        "admin-messages": Shot("/admin/campaigns/message/", "Operator"),
        "admin-batches": Shot("/admin/campaigns/batch/", "Operator"),
        "admin-events": Shot("/admin/analytics/emailevent/", "Operator"),
        "admin-contacts": Shot("/admin/campaigns/contact/", "Operator"),
        "admin-cadence": Shot(f"/admin/campaigns/cadence/{world.campaign.cadence_id}/change/", "Operator"),
        "unsubscribe": Shot(f"/u/{token}/", ""),
        "refused": Shot("/admin/", "Marketer", 403),
        "missing": Shot("/no/such/page/", status=404),
    }


def email_shots(world: Any) -> dict[str, Shot]:
    """The page of an e-mail in its other states. They come last, because they change what the other pages show."""
    release_day = world.emails["release_day"].get_absolute_url()
    return {
        "email-held": Shot(world.emails["follow_up"].get_absolute_url()),
        "email-sent": Shot(world.emails["announcement"].get_absolute_url()),
        "email-sending": Shot(world.emails["sending"].get_absolute_url(), before=lambda: _text(world)),
        "email-paused": Shot(world.emails["sending"].get_absolute_url(), before=lambda: _pause(world)),
        "email-approved": Shot(world.emails["reminder"].get_absolute_url(), before=lambda: _approve(world)),
        "email-conflict": Shot(release_day, "Marketer", on_page=lambda page: _conflict(world, page)),
    }


def _text(world: Any) -> None:
    """What is being sent has words, of its own product and release."""
    import json

    from tests import factories

    email = world.emails["sending"]
    release = email.campaign.release
    facts = json.dumps({**factories.FACTS, "release": {**factories.FACTS["release"], "released": True}})
    for was, now in (("KITE", "HARBOR"), ("Kite", "Harbor"), ("2.4.0", release.name)):
        facts = facts.replace(was, now)
    revision = factories.make_revision(email)
    revision.snapshot = factories.make_snapshot(release, json.loads(facts))
    revision.save(update_fields=["snapshot"])
    _write()


def _pause(world: Any) -> None:
    from campaigns.delivery import services
    from campaigns.models import CampaignEmail

    email = CampaignEmail.objects.get(pk=world.emails["sending"].pk)
    services.pause(email=email, why="A client asked about the date.", by=world.people["Release manager"], now=world.now)


def _approve(world: Any) -> None:
    from campaigns.models import CampaignEmail
    from campaigns.review import services
    from campaigns.review.sections import SECTIONS
    from tests import factories

    email, by = CampaignEmail.objects.get(pk=world.emails["reminder"].pk), world.people["Release manager"]
    seen = factories.seen(email, by=by, now=world.now)
    services.approve(email=email, seen=seen, ticked=SECTIONS, comment="Good to go.", by=by, now=world.now)


def _conflict(world: Any, page: Any) -> None:
    """Somebody saves another subject while this page is open, and so does the page."""
    from dataclasses import replace

    from campaigns.drafting.selectors import current_revision, text_of
    from campaigns.models import CampaignEmail
    from campaigns.review import services

    email, by = CampaignEmail.objects.get(pk=world.emails["release_day"].pk), world.people["Release manager"]
    # What the picture before this one left.
    services.forget_text(email=email, by=world.people["Marketer"])
    page.reload()
    # Behind the loading: the page before it may still have said that its words are being written.
    services.take_lock(email=email, take_over=True, by=by, now=world.now)
    current = current_revision(email)
    assert current  # noqa: S101 - the world has a text for it
    words = f"{world.release.product.name} {world.release.name} is out today"
    other = f"{world.release.product.name} {world.release.name} is here"
    text = replace(text_of(current), subject=other if current.subject == words else words)
    services.edit(email=email, text=text, based_on=current.number, by=by, now=world.now)
    services.release_lock(email=email, by=by)
    page.click("#open-subject > summary")
    page.fill("#edit-subject", f"{world.release.product.name} {world.release.name}: out now, with calendar export")
    page.click(".edit-foot .button.primary")
    page.wait_for_selector("#text .message[role=alert]")
    page.evaluate("document.getElementById('toasts').replaceChildren()")
    page.evaluate("document.getElementById('text').scrollIntoView()")
    page.wait_for_selector(".htmx-request", state="detached")


def cookie(person: Any) -> tuple[str, str]:
    """A session of a person."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(person)
    return settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value


def picture(page: Any) -> bytes:
    """What is in the window as WebP, as good as it may be within the size."""
    session = page.context.new_cdp_session(page)
    for quality in (70, 55, 40, 25, 10):
        answer = session.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
        data = base64.b64decode(answer["data"])
        if len(data) <= MOST_BYTES:
            return data
    raise SystemExit(f"{page.url} does not fit into {MOST_BYTES:,} bytes.")


class Studio:
    """Windows of every person, width and colour scheme; each keeps what its pages share."""

    def __init__(self, browser: Any, address: str, cookies: dict[str, Any]) -> None:
        self.browser, self.address, self.cookies = browser, address, cookies
        self.pages: dict[tuple[str, int, str], Any] = {}

    def page(self, person: str, width: int, scheme: str) -> Any:
        """The window of a person in this width and these colours."""
        if (person, width, scheme) not in self.pages:
            context = self.browser.new_context(
                viewport={"width": width, "height": 844 if width == 390 else 900},
                color_scheme=scheme,
                reduced_motion="reduce",
            )
            if person:
                name, value = self.cookies[person]
                context.add_cookies([{"name": name, "value": value, "url": self.address}])
            self.pages[person, width, scheme] = context.new_page()
        return self.pages[person, width, scheme]

    def photograph(self, name: str, shot: Shot, *, target: Path, widths: list[int], whole: bool) -> None:
        """One page in every width and both colour schemes."""
        if shot.before:
            shot.before()
        for width in widths:
            for scheme in SCHEMES:
                page = self.page(shot.person, width, scheme)
                answer = page.goto(self.address + shot.path, wait_until="load", timeout=180_000)
                page.wait_for_selector(".htmx-request", state="detached")
                if answer is None or answer.status != shot.status:
                    raise SystemExit(f"{shot.path} answered {answer and answer.status}; no picture of it is kept.")
                if shot.on_page:
                    shot.on_page(page)
                wide = page.evaluate("document.documentElement.scrollWidth")
                file = target / f"{name}-{width}-{scheme}.{'png' if whole else 'webp'}"
                data = page.screenshot(full_page=True) if whole else picture(page)
                file.write_bytes(data)
                told = f"; {wide} px wide!" if wide > width else ""
                sys.stdout.write(f"{file.name}: {len(data):,} bytes{told}\n")


def main() -> None:
    """Write the pictures and say how large they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--only", default="")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--on", default="")
    parser.add_argument("--widths", default=",".join(map(str, WIDTHS)))
    asked = parser.parse_args()
    own = asked.folder == Path(__file__).parent
    if own and (asked.whole or asked.on):
        raise SystemExit("Name a folder: these pictures are not for the documents.")
    asked.folder.mkdir(parents=True, exist_ok=True)
    only = set(asked.only.split(",")) if asked.only else set()
    with tempfile.TemporaryDirectory() as folder:
        address, world = served(folder, asked.on)
        from playwright.sync_api import sync_playwright

        from tests.browser import chromium

        cookies = {role: cookie(person) for role, person in world.people.items() if role}
        began = time.time()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            studio = Studio(browser, address, cookies)
            every = shots(world) if asked.on else {**shots(world), **email_shots(world)}
            for name, shot in every.items():
                if not only or name in only:
                    studio.photograph(
                        name, shot, target=asked.folder, whole=asked.whole,
                        widths=[
                            int(width)
                            for width in asked.widths.split(",")
                            if name not in BESIDE or width in ("390", "1280")
                        ],
                    )  # fmt: skip
            browser.close()
        if own and not only:
            # Pages that are no more. Only now: a run that broke off leaves the pictures that were there.
            for old in asked.folder.glob("*.webp"):
                if old.stat().st_mtime < began:
                    old.unlink()


if __name__ == "__main__":
    main()
