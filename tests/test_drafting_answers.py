"""Answers of models that nobody foresaw: an e-mail gets its draft whatever a server says with status 200."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from campaigns.drafting import checks, prompting, repair, services
from campaigns.drafting.facts import Facts
from campaigns.drafting.models import DraftRun
from campaigns.drafting.openai_drafter import MOST_TOKENS, Drafted, DraftFailed, OpenAIDrafter, Options
from tests import factories
from tests.dripping import BEGINNINGS, dripping
from tests.factories import FACTS, NOW
from tests.jira_server import serving

MAIL = {
    "subject": "Kite 2.4.0 is available",
    "preheader": "What is new in it.",
    "blocks": [{"kind": "highlights", "sentences": [{"text": "Exports can be shared.", "keys": ["KITE-1"]}]}],
}
TEXT = json.dumps(MAIL)


class Server:
    """A server of models that says what it is told to; `asked` counts its calls."""

    def __init__(self) -> None:
        self.address = ""
        self.status = "200 OK"
        self.body: Any = {}
        self.raw: bytes | None = None
        self.asked = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.asked += 1
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response(self.status, [("Content-Type", "application/json"), ("x-request-id", "req_odd")])
        return [json.dumps(self.body).encode() if self.raw is None else self.raw]


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    with serving(found) as address:
        found.address = f"{address}/v1"
        yield found


def ask(server: Server, transport: str, **options: Any) -> Drafted:
    chosen: dict[str, Any] = {"timeout": 5, **options}
    drafter = OpenAIDrafter(
        Options("sk-odd", "gpt-5.5", server.address, transport, **chosen), sleep=lambda seconds: None
    )
    return drafter.draft(Facts.from_json(FACTS), "release_day")


def fault(server: Server, transport: str, **options: Any) -> DraftFailed:
    with pytest.raises(DraftFailed) as caught:
        ask(server, transport, **options)
    return caught.value


def chat(content: Any, *, usage: Any = None, **message: Any) -> dict[str, Any]:
    said = {"role": "assistant", "content": content, **message}
    return {"choices": [{"finish_reason": "stop", "message": said}], "usage": usage}


def response(content: str, **fields: Any) -> dict[str, Any]:
    part = {"type": "output_text", "text": content}
    return {"status": "completed", "output": [{"type": "message", "content": [part]}], **fields}


def test_a_message_in_parts_is_read_like_one_in_a_piece(server: Server) -> None:
    parts = [{"type": "text", "text": TEXT[:20]}, {"type": "image", "url": "x"}, {"type": "text", "text": TEXT[20:]}]
    server.body = chat(parts)
    assert ask(server, "chat").text.subject == MAIL["subject"]


@pytest.mark.parametrize("content", [5, True, {"a": 1}, ["x"], [{"type": "text", "text": 5}], [{"text": "x"}]])
def test_a_message_that_is_no_text_is_no_answer(server: Server, content: Any) -> None:
    server.body = chat(content)
    assert fault(server, "chat").kind == "malformed"


@pytest.mark.parametrize("transport", ["chat", "responses"])
def test_an_answer_that_is_nested_without_end_has_the_wrong_shape(server: Server, transport: str) -> None:
    deep = "[" * 100_000
    server.body = chat(deep) if transport == "chat" else response(deep)
    assert fault(server, transport).kind == "wrong_shape"
    server.raw = deep.encode()
    assert fault(server, transport).kind == "wrong_shape"


@pytest.mark.parametrize("count", [-5, 10**30, MOST_TOKENS + 1, "10", True, 1.5, None])
def test_a_count_of_tokens_that_is_none_is_not_known(server: Server, count: Any) -> None:
    server.body = chat(TEXT, usage={"prompt_tokens": count, "completion_tokens": 7})
    record = ask(server, "chat").record
    assert (record.input_tokens, record.output_tokens) == (None, 7)


@pytest.mark.parametrize("usage", ["x", [1], 5])
def test_an_odd_usage_takes_nothing_away_from_the_text(server: Server, usage: Any) -> None:
    server.body = response(TEXT, usage=usage)
    assert ask(server, "responses").record.input_tokens is None


def test_what_a_second_try_is_told_of_the_first_stays_short(server: Server) -> None:
    wrong = {**MAIL, "blocks": [{"kind": "highlights", "sentences": [{"text": "x", "keys": ["no key" * 9999]}]}]}
    server.body = chat(json.dumps(wrong))
    problem = fault(server, "chat")
    assert (problem.kind, problem.record.calls) == ("wrong_shape", 2)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"status": "cancelled"}, "unfinished"),
        ({"status": "in_progress"}, "unfinished"),
        ({"status": "queued", "output": None}, "unfinished"),
        ({"status": "incomplete"}, "incomplete"),
        ({"status": "incomplete", "incomplete_details": "x"}, "incomplete"),
        ({"status": "incomplete", "incomplete_details": {"reason": "odd"}}, "incomplete"),
        ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "filtered"),
        ({"status": "failed", "error": "x"}, "failed"),
    ],
)
def test_a_call_that_did_not_end_well_is_never_taken_for_a_mail(
    server: Server, fields: dict[str, Any], kind: str
) -> None:
    server.body = response(TEXT, **fields)
    assert fault(server, "responses").kind == kind


@pytest.mark.parametrize("error", [{"type": "insufficient_quota", "code": None}, {"code": "insufficient_quota"}])
def test_a_used_up_account_is_asked_once_wherever_the_word_stands(server: Server, error: dict[str, Any]) -> None:
    server.status, server.body = "429 Too Many Requests", {"error": error}
    assert fault(server, "chat").kind == "quota"
    assert server.asked == 1


def test_a_code_that_is_no_word_breaks_nothing(server: Server) -> None:
    server.status, server.body = "400 Bad Request", {"error": {"code": ["x"], "type": {"a": 1}}}
    assert fault(server, "chat").kind == "bad_request"


@pytest.mark.parametrize("transport", ["chat", "responses"])
@pytest.mark.parametrize("where", sorted(BEGINNINGS))
def test_a_server_that_sends_a_byte_now_and_then_is_given_up_in_time(where: str, transport: str) -> None:
    with dripping(BEGINNINGS[where]) as address:
        drafter = OpenAIDrafter(Options("sk-odd", "gpt-5.5", f"{address}/v1", transport, timeout=0.4))
        with pytest.raises(DraftFailed) as caught:
            drafter.draft(Facts.from_json(FACTS), "release_day")
    assert caught.value.kind == "timeout"


@pytest.fixture
def asked(settings: Any, server: Server) -> Server:
    """The server as the settings name it."""
    settings.OPENAI_API_KEY = "sk-odd"
    settings.OPENAI_BASE_URL = server.address
    settings.OPENAI_MODEL, settings.OPENAI_TRANSPORT, settings.OPENAI_TIMEOUT = "gpt-5.5", "chat", 5
    settings.OPENAI_PRICES = {"gpt-5.5": (1000, 2000)}
    return server


@pytest.mark.django_db
@pytest.mark.parametrize(("given", "cost"), [(-5, None), (10**30, None), (MOST_TOKENS, Decimal("999999.999999"))])
def test_an_email_gets_its_draft_whatever_was_counted(asked: Server, given: int, cost: Decimal | None) -> None:
    asked.body = chat(TEXT, usage={"prompt_tokens": given, "completion_tokens": MOST_TOKENS})
    assert services.draft(email=factories.make_email(step="release_day"), now=NOW) is not None
    run = DraftRun.objects.get(drafter="openai:gpt-5.5")
    assert (run.cost, run.output_tokens) == (cost, MOST_TOKENS)


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["reading", "mending", "checking"])
def test_what_nobody_foresaw_costs_one_run_and_the_rules_write_the_mail(
    asked: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    def break_down(*arguments: Any, **named: Any) -> Any:
        raise ZeroDivisionError("the secret text of the mail")

    module, name = {
        "reading": (prompting.Prompt, "restored"), "mending": (repair, "mend"), "checking": (checks, "support"),
    }[where]  # fmt: skip
    real = getattr(module, name)
    failures = iter([break_down])
    monkeypatch.setattr(module, name, lambda *given, **named: next(failures, real)(*given, **named))
    asked.body = chat(TEXT, usage={"prompt_tokens": 1000, "completion_tokens": 500})
    with caplog.at_level(logging.DEBUG):
        revision = services.draft(email=factories.make_email(step="release_day"), now=NOW)
    assert revision is not None and revision.drafter == "extractive"
    assert "ZeroDivisionError" in revision.why
    [run, _] = DraftRun.objects.order_by("id")
    assert (run.outcome, run.error_kind, run.cost) == ("failed", "unexpected", Decimal(2))
    assert "ZeroDivisionError" in caplog.text
    assert "secret text" not in f"{caplog.text} {run.error} {revision.why}"
    assert asked.asked == 1


@pytest.mark.django_db
def test_a_block_is_proposed_by_the_rules_when_nobody_foresaw_the_answer(
    asked: Server, marketer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = factories.make_email(step="release_day")
    factories.make_revision(email)

    def break_down(*arguments: Any, **named: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(repair, "kept", break_down)
    asked.body = chat(json.dumps({"sentences": MAIL["blocks"][0]["sentences"]}))
    proposal = services.redraft_block(email=email, block="highlights", by=marketer, now=NOW)
    assert proposal.drafter == "extractive"
    assert DraftRun.objects.get().error_kind == "unexpected"
