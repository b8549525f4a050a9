"""A database of its own for one bench: made, migrated, dropped. PostgreSQL by BENCH_DATABASE_URL, or an SQLite file."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
SERVER = os.environ.get("BENCH_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


@contextlib.contextmanager
def postgres(name: str, *, settings: str = "relmail.settings", keep: bool = False) -> Iterator[str]:
    """The URL of a migrated database on the server of BENCH_DATABASE_URL; its user must be allowed to create one.

    Args:
        name: a part of its name.
        settings: with which it is migrated.
        keep: leave it there when everything went well.
    """
    import psycopg

    database = f"relmail_bench_{name}_{os.getpid()}"
    # So that the database is dropped and the children end also when somebody stops the bench from outside.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        server = psycopg.connect(SERVER, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        raise SystemExit(f"PostgreSQL does not answer at BENCH_DATABASE_URL ({SERVER}): {error}") from None
    with server:
        server.execute(f'CREATE DATABASE "{database}"')
    url = urlunsplit(urlsplit(SERVER)._replace(path=f"/{database}"))
    try:
        migrate(url, settings=settings)
        yield url
    except BaseException:
        keep = False
        raise
    finally:
        if not keep:
            with psycopg.connect(SERVER, autocommit=True) as again:
                again.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


@contextlib.contextmanager
def sqlite(*, settings: str = "relmail.settings") -> Iterator[str]:
    """The URL of a migrated SQLite file (WAL, synchronous=NORMAL: what relmail/settings.py sets)."""
    with tempfile.TemporaryDirectory(prefix="relmail_bench_") as folder:
        url = f"sqlite:///{folder}/bench.sqlite3"
        migrate(url, settings=settings)
        yield url


def environment(url: str, *, settings: str = "relmail.settings", **more: str) -> dict[str, str]:
    """The environment of a child process that works on this database; nothing of a .env file gets in."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return kept | {
        "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": settings, "RELMAIL_IGNORE_DOTENV": "1",
        "AWS_ACCESS_KEY_ID": "AKIDBENCH", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true", "PYTHONPATH": str(ROOT),
        # A new process first listens for some seconds whether a copy of its database sends; that is no question here.
        "SEND_FENCE_SECONDS": "0",
    } | more  # fmt: skip


def migrate(url: str, *, settings: str) -> None:
    """Run the migrations in a process of their own."""
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity=0", "--skip-checks"],
        env=environment(url, settings=settings), cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"The migrations failed:\n{done.stderr}")
