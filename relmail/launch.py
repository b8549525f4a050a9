"""What `up` and `demo` settle before Django reads its settings: which ports are free, which database is theirs.

The simulator's address is part of the settings, so a port can be chosen only before they are loaded.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import MutableMapping, Sequence
from pathlib import Path

from relmail.environment import BadSetting, Environment, sqlite_url

BASE_DIR = Path(__file__).resolve().parent.parent
WEB_PORT = 8025
SIMULATOR_PORT = 8026

# Every setting, as .env.example documents them.
SETTINGS = (
    "RELMAIL_MODE", "PORT", "SIMULATOR_PORT", "PUBLIC_URL", "ALLOWED_HOSTS", "SECRET_KEY", "SECRET_KEY_FALLBACKS",
    "DEBUG", "DATABASE_URL", "CELERY_BROKER_URL", "CELERY_QUEUE", "JIRA_URL", "JIRA_USER", "JIRA_TOKEN",
    "JIRA_WEBHOOK_SECRET", "JIRA_AUTOMATION_SECRET", "JIRA_TIMEOUT", "OPENAI_API_KEY", "OPENAI_BASE_URL",
    "OPENAI_MODEL", "OPENAI_TRANSPORT", "OPENAI_TIMEOUT", "OPENAI_PRICES", "OPENAI_CURRENCY",
    "OPENAI_MONTHLY_BUDGET", "AWS_REGION",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SES_ENDPOINT_URL", "AWS_SNS_ENDPOINT_URL",
    "SES_CONFIGURATION_SET", "SES_TENANT", "SNS_TOPIC_ARNS", "SNS_CERTIFICATE_URL_PREFIX", "DEFAULT_FROM_EMAIL",
    "SEND_BATCH_SIZE", "SEND_CALLS_IN_FLIGHT", "SEND_TASKS", "SEND_RATE_PER_SECOND", "FREQUENCY_CAP_EMAILS",
    "FREQUENCY_CAP_DAYS", "SEND_MODE", "SEND_FAILURE_PERCENT", "SEND_UNKNOWN_PERCENT", "SEND_FAILURE_LEAST",
    "SEND_FAILURE_MINUTES", "SEND_FENCE_NAME", "SEND_FENCE_SECONDS", "TIME_ZONE", "LINK_CHECK_NETWORKS",
    "SECURE_SSL_REDIRECT", "BEHIND_PROXY", "LOG_LEVEL",
)  # fmt: skip
# `demo` must reach nothing but the simulator, touch no database but its own and tell the same story everywhere,
# whatever the shell says: of the settings it keeps these alone.
KEPT_BY_DEMO = ("PORT", "SIMULATOR_PORT", "LOG_LEVEL")
# What the libraries read by themselves, a profile that is not there or an endpoint of somebody else's.
READ_BY_LIBRARIES = ("AWS_", "OPENAI_")
LOOPBACK = ("127.0.0.1", "localhost")


def prepare(arguments: Sequence[str], variables: MutableMapping[str, str]) -> None:
    """Settle ports and, for `demo`, everything that could reach outside. Other commands are left alone.

    Raises:
        BadSetting: a port that is no number, or none that is free.
    """
    command = arguments[1] if len(arguments) > 1 else ""
    if command not in {"up", "demo"} or {"-h", "--help"} & set(arguments):
        return
    if command == "demo":
        forget_settings(variables, keep=KEPT_BY_DEMO)
        variables["RELMAIL_MODE"] = "embedded"
        variables["RELMAIL_IGNORE_DOTENV"] = "1"
        variables.setdefault("LOG_LEVEL", "ERROR")  # the story is what the demo prints
    call_this_machine_directly(variables)
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
        variables["DATABASE_URL"] = sqlite_url(BASE_DIR / "var" / f"demo-{variables['PORT']}.sqlite3")


def forget_settings(variables: MutableMapping[str, str], *, keep: Sequence[str]) -> None:
    """Take out every setting, and what the libraries would read instead of one."""
    for name in [each for each in variables if each in SETTINGS or each.startswith(READ_BY_LIBRARIES)]:
        if name not in keep:
            del variables[name]


def call_this_machine_directly(variables: MutableMapping[str, str]) -> None:
    """Name loopback beside what the shell excepts from its proxy, which could not reach the parts of this process."""
    for name in ("no_proxy", "NO_PROXY"):
        given = [each for each in variables.get(name, "").split(",") if each]
        variables[name] = ",".join([*given, *(each for each in LOOPBACK if each not in given)])


def free_port(wanted: int, *, without: set[int]) -> int:
    """The wanted port on 127.0.0.1, or the next free one of the hundred after it. It is spoken for from now on."""
    for port in range(wanted, min(wanted + 100, 65536)):
        if port in without:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if _speak_for(port):
            return port
    raise BadSetting(f"no free port between {wanted} and {wanted + 99}; set PORT and SIMULATOR_PORT to free ones.")


# Kept open to the end of the process: the system lets go of the names with it, however it ends.
_spoken_for: dict[int, socket.socket] = {}


def _speak_for(port: int) -> bool:
    """Whether no other relmail that is starting has chosen the port: it listens there only seconds later.

    By a name in Linux's abstract namespace (unix(7)), which one process alone can have. Elsewhere two that start in the
    same second may still choose one port, and the second says that it is taken.
    """
    if sys.platform != "linux" or port in _spoken_for:
        return True
    name = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        name.bind(f"\0relmail-port-{port}")
    except OSError:
        name.close()
        return False
    _spoken_for[port] = name
    return True
