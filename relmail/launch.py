"""What `up` and `demo` settle before Django reads its settings: which ports are free, which database is theirs.

The simulator's address is part of the settings, so a port can be chosen only before they are loaded.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import MutableMapping, Sequence
from pathlib import Path

from relmail.environment import BadSetting, Environment

BASE_DIR = Path(__file__).resolve().parent.parent
WEB_PORT = 8025
SIMULATOR_PORT = 8026

# `demo` must reach nothing but the simulator and touch no database but its own, whatever the shell says.
DEMO_OVERRIDES = (
    "JIRA_URL", "JIRA_USER", "JIRA_TOKEN", "JIRA_WEBHOOK_SECRET", "OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL",
    "OPENAI_TRANSPORT", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_SES_ENDPOINT_URL", "AWS_SNS_ENDPOINT_URL", "SES_CONFIGURATION_SET", "SNS_TOPIC_ARNS",
    "SNS_CERTIFICATE_URL_PREFIX", "DATABASE_URL", "CELERY_BROKER_URL", "PUBLIC_URL", "ALLOWED_HOSTS", "SECRET_KEY",
    "RELMAIL_MODE",
)  # fmt: skip


def prepare(arguments: Sequence[str], variables: MutableMapping[str, str]) -> None:
    """Settle ports and, for `demo`, everything that could reach outside. Other commands are left alone.

    Raises:
        BadSetting: a port that is no number, or none that is free.
    """
    command = arguments[1] if len(arguments) > 1 else ""
    if command not in {"up", "demo"} or {"-h", "--help"} & set(arguments):
        return
    if command == "demo":
        for name in DEMO_OVERRIDES:
            variables.pop(name, None)
        variables["RELMAIL_MODE"] = "embedded"
        variables["RELMAIL_IGNORE_DOTENV"] = "1"
        variables.setdefault("LOG_LEVEL", "ERROR")  # the story is what the demo prints
    environment = Environment(variables)
    taken: set[int] = set()
    for name, default in (("PORT", WEB_PORT), ("SIMULATOR_PORT", SIMULATOR_PORT)):
        wanted = environment.whole(name, default, minimum=1, maximum=65535)
        port = free_port(wanted, without=taken)
        if port != wanted:
            sys.stderr.write(f"Port {wanted} is taken; {name} is {port} this time.\n")
        taken.add(port)
        variables[name] = str(port)
    if command == "demo":
        # Named after its port: a second demo beside the first has another database.
        variables["DATABASE_URL"] = f"sqlite:///{BASE_DIR / 'var' / ('demo-' + variables['PORT'] + '.sqlite3')}"


def free_port(wanted: int, *, without: set[int]) -> int:
    """The wanted port on 127.0.0.1, or the next free one of the hundred after it."""
    for port in range(wanted, min(wanted + 100, 65536)):
        if port in without:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise BadSetting(f"no free port between {wanted} and {wanted + 99}; set PORT and SIMULATOR_PORT to free ones.")
