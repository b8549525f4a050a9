"""Open one address as a reader's browser would, and nothing that only this server can reach.

Redirections are followed, a few of them, each looked at like the first address: its host is resolved, every address
that comes back must be a public one, and the connection goes to exactly the one that was looked at, so a name that
changes its answer in between leads nowhere else. `LINK_CHECK_NETWORKS` names networks of our own that may be called.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.conf import settings

SECONDS = 5.0
MOST_REDIRECTIONS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Opened:
    """What an address answered, step by step; `problem` is empty when it can be opened or was not tried."""

    answer: str
    problem: str = ""
    tried: bool = True


class _NotCalled(Exception):
    """An address that this server does not call, and why."""


def not_tried(why: str) -> Opened:
    """The answer of an address that nobody called."""
    return Opened(why, tried=False)


def open_link(address: str, *, until: float) -> Opened:
    """Open an address and what it leads on to; at most five seconds for each step.

    Args:
        address: http or https.
        until: a moment of time.monotonic() after which nothing is called any more.
    """
    steps: list[str] = []
    at = address
    for _ in range(MOST_REDIRECTIONS + 1):
        left = until - time.monotonic()
        if left <= 0:
            return not_tried("The time for all links together was up.")
        try:
            status, location = _ask(at, seconds=min(SECONDS, left))
        except _NotCalled as reason:
            if steps:  # what a page leads on to is what its readers meet
                return _problem(steps, f"it leads on to an address that is not public ({reason}).")
            return not_tried(f"Not called: {reason}, which is not a public address.")
        except ssl.SSLError as problem:
            return _problem(steps, f"its certificate is not accepted ({problem.reason}).")
        except TimeoutError:
            return _problem(steps, f"no answer within {SECONDS:.0f} seconds.")
        except (OSError, http.client.HTTPException) as problem:
            return _problem(steps, f"no connection ({problem}).")
        except ValueError:
            return _problem(steps, "it is not an address that can be opened.")
        steps.append(str(status))
        if status not in _REDIRECTS or not location:
            return Opened(", ".join(steps)) if status < 400 else _problem(steps, f"it answers {status}.")
        after = urljoin(at, location)
        steps[-1] += f" to {after}"
        if not after.startswith(("https://", "http://")):
            return _problem(steps, "it leads on to something that is no page.")
        if at.startswith("https://") and after.startswith("http://"):
            return _problem(steps, "it leads on to an address that is not encrypted.")
        at = after
    return _problem(steps, f"it leads on more than {MOST_REDIRECTIONS} times.")


def _problem(steps: list[str], problem: str) -> Opened:
    return Opened(", ".join(steps), problem)


def _ask(address: str, *, seconds: float) -> tuple[int, str]:
    """The status and the Location of one address. The whole step ends in time, also when the answer trickles."""
    split = urlsplit(address)
    if not split.hostname:
        raise ValueError(address)
    secure = split.scheme == "https"
    port = split.port or (443 if secure else 80)
    end = time.monotonic() + seconds
    connection = http.client.HTTPConnection(split.hostname, port, timeout=seconds)
    connection.default_port = 443 if secure else 80
    connection.sock = _connect(split.hostname, port, seconds)
    timer = threading.Timer(max(end - time.monotonic(), 0.01), _cut, [connection])
    timer.daemon = True
    timer.start()
    try:
        if secure:
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(
                connection.sock, server_hostname=split.hostname, do_handshake_on_connect=False
            )
            connection.sock.do_handshake()
        headers = {"User-Agent": "relmail link check", "Accept": "text/html", "Connection": "close"}
        connection.request("GET", _path(split), headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location", "")
    except (OSError, http.client.HTTPException):
        if time.monotonic() >= end:
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection) -> None:
    """Wake whoever reads from it."""
    with contextlib.suppress(OSError, AttributeError):  # it ended by itself at this moment
        connection.sock.shutdown(socket.SHUT_RDWR)


def _path(split: SplitResult) -> str:
    path = (split.path or "/") + (f"?{split.query}" if split.query else "")
    return quote(path, safe="%/:=&?~#+!$,;'@()*[]")


def _connect(host: str, port: int, seconds: float) -> socket.socket:
    """A connection to the first address of a host that answers.

    Raises:
        _NotCalled: one of its addresses is not public.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise ValueError(host) from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not _may_call(address):
            raise _NotCalled(f"{host} is {address}")
    problem: OSError = OSError("no address")
    for address in addresses[:2]:
        try:
            return socket.create_connection((address, port), timeout=seconds)
        except OSError as refused:
            problem = refused
    raise problem


def _may_call(address: str) -> bool:
    """Whether an address is public or in a network that the settings name."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if any(found in network for network in settings.LINK_CHECK_NETWORKS if network.version == found.version):
        return True
    if found.version == 6:
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return _may_call(str(inner))
    return found.is_global and not found.is_multicast
