"""Photograph the pages of a made-up company: .venv/bin/python docs/screenshots/make.py [folder]

Makes a database of its own in a temporary folder, fills it with tests/world.py, serves it on loopback and writes one
WebP a page, width and colour scheme, each of at most 60 KB. Needs Chromium, and Playwright from the development
requirements. Without a folder the files go beside this one, and what another run left there is replaced.
"""

from __future__ import annotations

import base64
import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 60_000
ALL = [(width, scheme) for width in (390, 768, 1280, 1600) for scheme in ("light", "dark")]
SOME = [(390, "dark"), (1280, "light")]


def served(folder: str) -> tuple[str, Any]:
    """A relmail with a world in it: its address and the world."""
    os.environ["DATABASE_URL"] = f"sqlite:///{folder}/screenshots.sqlite3"
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
    call_command("migrate", verbosity=0)
    world = make_world(timezone.now())
    _clash(world)
    server = create_server(application, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    return f"http://127.0.0.1:{server.effective_port}", world


def _clash(world: Any) -> None:
    """Two products that write to the same people on one day."""
    from campaigns.models import CampaignEmail

    harbor = world.emails["sending"].campaign
    harbor.lists.add(world.contact_list)
    CampaignEmail.objects.filter(campaign=harbor, step="follow_up").update(send_at=world.emails["reminder"].send_at)


def pages(world: Any) -> dict[str, tuple[str, list[tuple[int, str]]]]:
    """Name -> path, and in which sizes and colours."""
    return {
        "home": ("/", ALL),
        "review": (world.emails["reminder"].get_absolute_url(), ALL),
        "campaign": (world.campaign.get_absolute_url(), SOME),
        "notices": ("/notices/", SOME),
        "search": ("/search/?q=kite", SOME),
    }


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
    for quality in (80, 65, 50, 35, 20):
        answer = session.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
        data = base64.b64decode(answer["data"])
        if len(data) <= MOST_BYTES:
            return data
    raise SystemExit(f"{page.url} does not fit into {MOST_BYTES:,} bytes.")


def main() -> None:
    """Write the pictures and say how large they are."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        address, world = served(folder)
        from playwright.sync_api import sync_playwright

        from relmail.roles import RELEASE_MANAGER
        from tests.browser import chromium

        name, value = cookie(world.people[RELEASE_MANAGER])
        for old in target.glob("*.webp"):
            old.unlink()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            for title, (path, looks) in pages(world).items():
                for width, scheme in looks:
                    context = browser.new_context(
                        viewport={"width": width, "height": 844 if width == 390 else 900},
                        color_scheme=scheme,  # type: ignore[arg-type]
                        reduced_motion="reduce",
                    )
                    context.add_cookies([{"name": name, "value": value, "url": address}])
                    page = context.new_page()
                    answer = page.goto(address + path, wait_until="networkidle")
                    if answer is None or answer.status != 200:
                        raise SystemExit(f"{path} answered {answer and answer.status}; no picture of it is kept.")
                    data = picture(page)
                    (target / f"{title}-{width}-{scheme}.webp").write_bytes(data)
                    sys.stdout.write(f"{title}-{width}-{scheme}.webp: {len(data):,} bytes\n")
                    context.close()
            browser.close()


if __name__ == "__main__":
    main()
