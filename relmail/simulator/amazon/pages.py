"""The inbox as a page for people and as JSON for programs."""

from __future__ import annotations

import json
import re
from html import escape
from urllib.parse import quote

from werkzeug.wrappers import Request, Response

from relmail.simulator.amazon.events import headers
from relmail.simulator.amazon.inbox import Inbox, Mail

PAGE_SIZE = 100
# The received HTML runs in a frame without scripts; nothing from outside is loaded but its images. Its links open
# beside the inbox, as in a mail program: most pages refuse to be framed, and need their scripts.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
FRAME_POLICY = f"sandbox {SANDBOX}; default-src 'none'; style-src 'unsafe-inline'; img-src data: https: http:"

STYLE = """
:root{color-scheme:light dark;--ink:#1d2433;--quiet:#5b667a;--line:#dde2ea;--ground:#f6f7f9;--card:#fff;--mark:#2257bf}
@media (prefers-color-scheme:dark){:root{--ink:#e7eaf0;--quiet:#9aa5b8;--line:#2c3442;--ground:#11151c;--card:#191f29;
--mark:#8fb4ff}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1100px;margin:0 auto;padding:1.25rem}a{color:var(--mark)}h1{font-size:1.3rem;margin:.2rem 0 1rem}
.figures{display:flex;flex-wrap:wrap;gap:.6rem;margin:0 0 1rem;padding:0;list-style:none}
.figures li{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.45rem .8rem}
.figures b{display:block;font-size:1.2rem}.figures span,.quiet{color:var(--quiet)}
table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line)}
th,td{text-align:left;padding:.45rem .6rem;border-top:1px solid var(--line);vertical-align:top}
td:last-child,code{overflow-wrap:anywhere}th{white-space:nowrap}.list td:last-child{white-space:nowrap}
thead th{border-top:0}th{color:var(--quiet);font-weight:600;font-size:.85rem}.scroll{overflow-x:auto}
iframe{width:100%;height:70vh;border:1px solid var(--line);border-radius:8px;background:#fff;
color-scheme:light}iframe.dark{color-scheme:dark;background:#111}pre{white-space:pre-wrap;background:var(--card);
border:1px solid var(--line);border-radius:8px;padding:1rem}form{margin:0 0 1rem}
input,button{font:inherit;padding:.3rem .5rem}pre{overflow-wrap:anywhere}
@media (max-width:44rem){thead{display:none}tr{display:block;border-top:1px solid var(--line);padding:.45rem .6rem}
th,td{display:block;border:0;padding:.1rem 0;overflow-wrap:anywhere}
[data-label]::before{content:attr(data-label) " ";color:var(--quiet)}}
"""


def inbox_json(inbox: Inbox, request: Request, *, pending: int) -> Response:
    """Figures, and messages newest first.

    Query: `limit` (default 100, 0 for figures alone), `offset`, `email` (its tag), `q` (in recipient or
    subject), `bodies=0` to leave HTML and text out. `pending` is the number of events still to come.
    """
    limit, offset = _whole(request, "limit", PAGE_SIZE), _whole(request, "offset", 0)
    answer = inbox.figures() | {"pending_events": pending}
    if limit:
        found = inbox.newest(email=request.args.get("email", ""), search=request.args.get("q", ""))
        bodies = request.args.get("bodies", "1") != "0"
        answer["found"] = len(found)
        answer["messages"] = [mail.as_dict(bodies=bodies) for mail in found[offset : offset + limit]]
    return Response(json.dumps(answer, ensure_ascii=False), mimetype="application/json")


def inbox_page(inbox: Inbox, request: Request) -> Response:
    """`/inbox` the list, `/inbox/ID` one message, `/inbox/ID/html` its HTML for the frame."""
    parts = [part for part in request.path.split("/") if part]
    if not parts:
        return _page("Inbox", _list(inbox, request))
    mail = inbox.get(parts[0])
    if mail is None:
        return _page("Not here", "<p>No such message. <a href='/inbox'>To the inbox</a></p>", status=404)
    if parts[1:] == ["html"]:
        html = mail.rendered.html or "<p>This message has no HTML part.</p>"
        return Response(
            _for_frame(html, dark=bool(request.args.get("dark"))),
            mimetype="text/html",
            headers={"Content-Security-Policy": FRAME_POLICY},
        )
    return _page(mail.rendered.subject, _message(mail, dark=bool(request.args.get("dark"))))


def _for_frame(html: str, *, dark: bool) -> str:
    """The HTML with what only the view needs, in its head: before the doctype it would change the layout."""
    added = "<base target='_blank'>" + ("<style>:root{color-scheme:dark}</style>" if dark else "")
    head = re.search(r"<head(\s[^>]*)?>", html, re.IGNORECASE)
    at = head.end() if head else 0
    return html[:at] + added + html[at:]


def _list(inbox: Inbox, request: Request) -> str:
    email, search = request.args.get("email", ""), request.args.get("q", "")
    offset = _whole(request, "offset", 0)
    found = inbox.newest(email=email, search=search)
    rows = "".join(
        f"<tr><td><a href='/inbox/{escape(mail.message_id)}'>{escape(mail.rendered.subject) or '(no subject)'}</a></td>"
        f"<td data-label='To'>{escape(', '.join(mail.recipients))}</td><td data-label='Fate'>{escape(mail.fate)}</td>"
        f"<td data-label='Events'>{escape(', '.join(event['type'] for event in mail.events))}</td>"
        f"<td data-label='UTC'>{mail.time:%H:%M:%S}</td></tr>"
        for mail in found[offset : offset + PAGE_SIZE]
    )
    more = ""
    if offset + PAGE_SIZE < len(found):
        query = f"offset={offset + PAGE_SIZE}&amp;email={escape(quote(email))}&amp;q={escape(quote(search))}"
        more = f"<p><a href='?{query}'>Older</a></p>"
    table = (
        "<div class='scroll'><table class='list'><thead>"
        "<tr><th>Subject</th><th>To</th><th>Fate</th><th>Events</th><th>UTC</th></tr>"
        f"</thead><tbody>{rows}</tbody></table></div>{more}"
        if rows
        else "<p class='quiet'>Nothing here yet. What the product sends through Amazon SES appears here.</p>"
    )
    return (
        f"{_figures(inbox)}<form method='get'><label>Find in recipient or subject "
        f"<input name='q' value='{escape(search)}'></label> <button>Find</button></form>{table}"
    )


def _figures(inbox: Inbox) -> str:
    figures = inbox.figures()
    shown = {"accepted": figures["accepted"], "delivered": figures["delivered"], **figures["fates"]}
    shown["duplicates"] = figures["duplicates"]
    items = "".join(f"<li><b>{number}</b><span>{escape(name)}</span></li>" for name, number in shown.items())
    return f"<ul class='figures'>{items}</ul>"


def _message(mail: Mail, *, dark: bool) -> str:
    lines = headers(mail) | {"Message-ID": f"<{mail.message_id}@email.amazonses.com>"}
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in lines.items())
    tags = ", ".join(f"{name}={value}" for name, value in mail.tags.items())
    events = "".join(f"<li>{escape(event['type'])} · {escape(event['recipient'])}</li>" for event in mail.events)
    query = "?dark=1" if dark else ""
    other = "<a href='?'>Light</a>" if dark else "<a href='?dark=1'>Dark</a>"
    return (
        f"<p><a href='/inbox'>Inbox</a> · {escape(mail.fate)} · {other}</p>"
        f"<div class='scroll'><table>{rows}<tr><th>Tags</th><td>{escape(tags)}</td></tr></table></div>"
        f"<h2>HTML</h2><iframe sandbox='{SANDBOX}' title='The message as HTML' class='{'dark' if dark else ''}' "
        f"src='/inbox/{escape(mail.message_id)}/html{query}'></iframe>"
        f"<h2>Text</h2><pre>{escape(mail.rendered.text)}</pre><h2>Events</h2><ul>{events or '<li>none yet</li>'}</ul>"
    )


def _page(title: str, body: str, status: int = 200) -> Response:
    return Response(
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'><link rel='icon' href='data:,'>"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body}"
        "</main></body></html>",
        status=status,
        mimetype="text/html",
    )


def _whole(request: Request, name: str, default: int) -> int:
    try:
        return max(0, int(request.args.get(name, default)))
    except ValueError:
        return default
