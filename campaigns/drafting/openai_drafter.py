"""The door to OpenAI and to servers that speak its protocol. Nothing else imports `openai`.

Answers are read from their raw JSON and never by the library's `parse`: that loses status, usage and request id as soon
as an answer is cut short. The library's own retries are off; ours have a budget.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import random
import re
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from campaigns.drafting import prompting
from campaigns.drafting.facts import Facts
from campaigns.drafting.house import NO_HOUSE, House
from campaigns.drafting.prompting import Prompt
from campaigns.drafting.text import DraftText, Sentence, TextProblem, sentences_from_json
from releases.deadline import Deadline

logger = logging.getLogger(__name__)

Text = TypeVar("Text")

RESPONSES, CHAT, AUTO = "responses", "chat", "auto"
OWN_HOST = "api.openai.com"
MOST_CALLS = 3
LONGEST_WAIT = 20.0
FIRST_TOKENS = 6000
#: What a column of a run can hold; a server that counts more counts wrongly.
MOST_TOKENS = 2**31 - 1
LONGEST_REPAIR = 300


class DraftFailed(Exception):
    """A model did not give a draft. `kind` is one word for the record, `can_retry` whether later may be better.

    The text is for people: it holds neither keys nor what the server or the model wrote.
    """

    def __init__(self, kind: str, text: str, *, can_retry: bool, wait: float | None = None) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.can_retry = can_retry
        self.wait = wait
        self.record = CallRecord()


def unexpected(error: Exception) -> DraftFailed:
    """What nobody foresaw, as a failure like the others, with its place in the log.

    Neither holds the message of the error, which may quote the answer or a key.
    """
    places = [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    logger.error("drafting met an unexpected %s at %s", type(error).__name__, " > ".join(places[-6:]))
    text = f"relmail could not use what came back ({type(error).__name__}); the log says where."
    return DraftFailed("unexpected", text, can_retry=False)


@dataclass
class CallRecord:
    """What a try cost, also when it failed. Tokens are None when the server does not say; `seconds` is wall time."""

    transport: str = ""
    model: str = ""
    prompt_version: str = ""
    request_id: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    seconds: float = 0.0
    calls: int = 0


@dataclass(frozen=True)
class Options:
    """How to reach the model. `timeout` is seconds for one call; all calls of a draft together get twice that."""

    api_key: str
    model: str
    base_url: str = ""
    transport: str = AUTO
    timeout: float = 60.0
    prompt_version: str = prompting.VERSION

    @property
    def speaks(self) -> str:
        """Responses at OpenAI itself; Chat Completions elsewhere, where Responses often ignores schemas."""
        if self.transport != AUTO:
            return self.transport
        return RESPONSES if self.is_openai else CHAT

    @property
    def is_openai(self) -> bool:
        """Whether the address is OpenAI's own."""
        return not self.base_url or urlsplit(self.base_url).hostname == OWN_HOST


@dataclass(frozen=True)
class Drafted:
    """A draft and what it cost."""

    text: DraftText
    record: CallRecord


@dataclass(frozen=True)
class _Answer:
    """What came back, of either protocol, before anybody looked into the text."""

    text: str = ""
    refusal: str = ""
    stopped: str = ""
    failed: str = ""


class OpenAIDrafter:
    """Asks a model for drafts. `sleep` and `clock` are for tests."""

    def __init__(
        self,
        options: Options,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.options = options
        self._sleep = sleep
        self._clock = clock

    @property
    def name(self) -> str:
        """How the drafter is called in the records."""
        return f"openai:{self.options.model}"

    def draft(self, facts: Facts, step: str, house: House = NO_HOUSE) -> Drafted:
        """The e-mail of one step. Raises DraftFailed, with `record` filled in."""
        prompt = prompting.for_mail(facts, step, house, version=self.options.prompt_version)

        def read(answer: str) -> DraftText:
            text = DraftText.from_json(_json(answer))
            if not text.blocks:
                raise TextProblem("the draft has no sentence")
            _check_keys(text.keys(), prompt)
            return _unmasked(text, prompt)

        text, record = self._ask(prompt, prompting.mail_schema(prompt.keys, prompt.kinds), read, facts)
        return Drafted(text, record)

    def draft_block(
        self, facts: Facts, step: str, block: str, now: tuple[Sentence, ...], house: House = NO_HOUSE
    ) -> tuple[tuple[Sentence, ...], CallRecord]:
        """One block once more. Raises DraftFailed, with `record` filled in."""
        prompt = prompting.for_block(facts, step, block, now, house, version=self.options.prompt_version)

        def read(answer: str) -> tuple[Sentence, ...]:
            data = _json(answer)
            sentences = sentences_from_json(data.get("sentences") if isinstance(data, dict) else None, block)
            if not sentences:
                raise TextProblem("the block has no sentence")
            _check_keys(tuple(key for sentence in sentences for key in sentence.keys), prompt)
            return tuple(Sentence(prompt.restored(sentence.text), sentence.keys) for sentence in sentences)

        return self._ask(prompt, prompting.block_schema(prompt.keys), read, facts)

    def test_connection(self) -> str:
        """Ask for an object with two fields and say in one line whether the schema was kept. Raises DraftFailed."""
        schema = {
            "type": "object",
            "properties": {"ready": {"type": "boolean"}, "word": {"type": "string", "enum": ["release"]}},
            "required": ["ready", "word"],
            "additionalProperties": False,
        }
        prompt = Prompt("Answer in JSON.", 'Set "ready" to true and "word" to "release".', ())
        record = self._record(prompt)
        answer = self._call(prompt, schema, 500, None, record, self.options.timeout)
        _raise_for(answer)
        try:
            kept = set(_json(answer.text)) == {"ready", "word"}
        except (TextProblem, TypeError):
            kept = False
        if not kept:
            raise DraftFailed(
                "wrong_shape",
                f"{self.options.model} answered, but did not keep to the JSON schema. Try the other transport.",
                can_retry=False,
            )
        return f"{self.options.model} answered by {self.options.speaks} and kept to the schema."

    def _ask(
        self, prompt: Prompt, schema: dict[str, Any], read: Callable[[str], Text], facts: Facts
    ) -> tuple[Text, CallRecord]:
        """Call until there is a readable answer, the fault is one that time does not mend, or the budget is used up."""
        record = self._record(prompt)
        began = self._clock()
        deadline = began + 2 * self.options.timeout
        tokens, repair, repaired = FIRST_TOKENS, "", False
        reader = hashlib.sha256(facts.product_key.encode()).hexdigest()[:32]
        while True:
            try:
                left = max(1.0, min(self.options.timeout, deadline - self._clock()))
                answer = self._call(replace(prompt, facts=prompt.facts + repair), schema, tokens, reader, record, left)
                record.seconds = self._clock() - began
                _raise_for(answer)
                return _read(answer.text, read), record
            except Exception as wrong:
                record.seconds = self._clock() - began
                problem = wrong if isinstance(wrong, DraftFailed) else unexpected(wrong)
                problem.record = record
                if not isinstance(wrong, DraftFailed):
                    raise problem from None
                if record.calls >= MOST_CALLS or self._clock() >= deadline or not problem.can_retry:
                    raise
                if problem.kind in ("wrong_shape", "wrong_keys", "truncated"):
                    if repaired:
                        raise
                    repaired = True
                    tokens = tokens * 2 if problem.kind == "truncated" else tokens
                    said = str(problem.__cause__ or problem.text)[:LONGEST_REPAIR]
                    repair = f"\n\nYour last answer was not accepted: {said}. Answer once more."
                    continue
                wait = problem.wait if problem.wait is not None else 0.5 * 2**record.calls * random.uniform(0.5, 1)  # noqa: S311
                if wait > LONGEST_WAIT or self._clock() + wait >= deadline:
                    raise
                self._sleep(wait)

    def _record(self, prompt: Prompt) -> CallRecord:
        return CallRecord(transport=self.options.speaks, model=self.options.model, prompt_version=prompt.version)

    def _call(
        self,
        prompt: Prompt,
        schema: dict[str, Any],
        tokens: int,
        reader: str | None,
        record: CallRecord,
        timeout: float,
    ) -> _Answer:
        """One HTTP call. Every exception of the library becomes a DraftFailed."""
        import openai  # takes most of a second and is not needed without a key

        record.calls += 1
        deadline = Deadline(timeout)
        late = DraftFailed("timeout", f"OpenAI did not answer within {timeout:.0f} seconds.", can_retry=True)
        try:
            client = openai.OpenAI(
                api_key=self.options.api_key or "none",
                base_url=self.options.base_url or f"https://{OWN_HOST}/v1",
                timeout=timeout,
                max_retries=0,
                http_client=_watched(deadline),
            )
            with client, deadline:
                if self.options.speaks == RESPONSES:
                    raw = client.responses.with_raw_response.create(
                        **_responses_call(self.options, prompt, schema, tokens, reader)
                    )
                else:
                    raw = client.chat.completions.with_raw_response.create(
                        **_chat_call(self.options, prompt, schema, tokens)
                    )
                record.request_id = raw.headers.get("x-request-id", "")[:100]
                body = raw.http_response.text
            if deadline.passed:  # an answer without a length ends where the connection was cut
                raise late
        except openai.APIStatusError as problem:
            record.request_id = (problem.request_id or "")[:100]
            code = next((word for word in (problem.code, problem.type) if word in _USED_UP), problem.code)
            code = code if isinstance(code, str) else None
            raise _by_status(problem.status_code, code, problem.response.headers, self.options) from None
        except openai.APITimeoutError:
            raise late from None
        except openai.APIConnectionError:
            if deadline.passed:
                raise late from None
            raise DraftFailed(
                "connection", "OpenAI could not be reached, or the connection broke.", can_retry=True
            ) from None
        except (openai.OpenAIError, ValueError, TypeError) as problem:
            raise DraftFailed(
                "unexpected",
                f"The call to OpenAI failed before it was sent ({type(problem).__name__}).",
                can_retry=False,
            ) from None
        try:
            data = json.loads(body)
            return _from_responses(data, record) if self.options.speaks == RESPONSES else _from_chat(data, record)
        except RecursionError:
            raise DraftFailed("wrong_shape", "The answer is nested too deep to be a mail.", can_retry=True) from None
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            raise DraftFailed(
                "malformed", "What came back was no answer of OpenAI; a proxy may stand in between.", can_retry=True
            ) from None


def _watched(deadline: Deadline) -> Any:
    """The library's own HTTP client, whose connections are cut when the time of the call is over."""
    import openai

    def trace(event: str, info: dict[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            deadline.watch(info["return_value"].get_extra_info("socket"))

    def begin(request: Any) -> None:
        request.extensions["trace"] = trace

    return openai.DefaultHttpxClient(event_hooks={"request": [begin]})


def _responses_call(
    options: Options, prompt: Prompt, schema: dict[str, Any], tokens: int, reader: str | None
) -> dict[str, Any]:
    call: dict[str, Any] = {
        "model": options.model,
        "instructions": prompt.instructions,
        "input": prompt.facts,
        "store": False,
        "max_output_tokens": tokens,
        "text": {"format": {"type": "json_schema", "name": "mail", "strict": True, "schema": schema}},
    }
    if reader and options.is_openai:
        call["safety_identifier"] = reader
    return call


def _chat_call(options: Options, prompt: Prompt, schema: dict[str, Any], tokens: int) -> dict[str, Any]:
    return {
        "model": options.model,
        "messages": [{"role": "system", "content": prompt.instructions}, {"role": "user", "content": prompt.facts}],
        # Other servers know the older name only; OpenAI's newer models refuse it.
        ("max_completion_tokens" if options.is_openai else "max_tokens"): tokens,
        "response_format": {"type": "json_schema", "json_schema": {"name": "mail", "strict": True, "schema": schema}},
    }


def _from_responses(data: dict[str, Any], record: CallRecord) -> _Answer:
    _count(record, data.get("usage"), "input_tokens", "output_tokens")
    status = data.get("status")
    if status == "failed":
        return _Answer(failed="failed")
    stopped = ""
    if status == "incomplete":
        details = data.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        stopped = {"max_output_tokens": "length", "content_filter": "content_filter"}.get(str(reason), "incomplete")
    elif status not in (None, "completed"):
        stopped = "unfinished"
    # Text of the phase "commentary" is the model thinking aloud.
    items = data["output"] if status in (None, "completed") else data.get("output") or ()
    messages = [item for item in items if item.get("type") == "message" and item.get("phase") != "commentary"]
    parts = [part for item in messages for part in item.get("content") or ()]
    return _Answer(
        text="".join(part.get("text") or "" for part in parts if part.get("type") == "output_text"),
        refusal="".join(part.get("refusal") or "" for part in parts if part.get("type") == "refusal"),
        stopped=stopped,
    )


def _from_chat(data: dict[str, Any], record: CallRecord) -> _Answer:
    _count(record, data.get("usage"), "prompt_tokens", "completion_tokens")
    choice = data["choices"][0]
    message = choice["message"]
    reason = choice.get("finish_reason") or "stop"
    return _Answer(
        text=_said(message.get("content")),
        refusal=_said(message.get("refusal")),
        stopped="" if reason == "stop" else str(reason),
    )


def _said(content: Any) -> str:
    """The text of a message: some servers give it in parts. Raises TypeError for what is neither."""
    if isinstance(content, list):
        return "".join(_said(part["text"]) for part in content if part["type"] == "text")
    if content is None or isinstance(content, str):
        return content or ""
    raise TypeError


def _raise_for(answer: _Answer) -> None:
    """Turn an answer that holds no text to use into the DraftFailed that says why."""
    if answer.failed:
        raise DraftFailed("failed", "The model failed on the server's side.", can_retry=True)
    if answer.refusal:
        raise DraftFailed("refused", "The model declined to write this mail.", can_retry=False)
    if answer.stopped == "content_filter":
        raise DraftFailed("filtered", "A content filter stopped the model's answer.", can_retry=False)
    if answer.stopped == "length":
        raise DraftFailed("truncated", "The model's answer was cut off at the token limit.", can_retry=True)
    if answer.stopped == "incomplete":
        raise DraftFailed("incomplete", "The model's answer is not whole, and the server does not say why.",
                          can_retry=True)  # fmt: skip
    if answer.stopped == "unfinished":
        raise DraftFailed("unfinished", "The server ended the call before the model had finished.", can_retry=True)
    if not answer.text.strip():
        raise DraftFailed("wrong_shape", "The model gave an empty answer.", can_retry=True)


def _read(answer: str, read: Callable[[str], Text]) -> Text:
    try:
        return read(answer)
    except RecursionError:
        raise DraftFailed("wrong_shape", "The answer is nested too deep to be a mail.", can_retry=True) from None
    except _ForeignKey as problem:
        raise DraftFailed("wrong_keys", "The model cited issues that it was not given.", can_retry=True) from problem
    except TextProblem as problem:
        raise DraftFailed(
            "wrong_shape", "The model's answer does not have the shape of a mail.", can_retry=True
        ) from problem


class _ForeignKey(TextProblem):
    """A key in the answer that was not in the request."""


def _check_keys(keys: tuple[str, ...], prompt: Prompt) -> None:
    foreign = [key for key in keys if key not in prompt.keys]
    if foreign:
        raise _ForeignKey(f"it cites {', '.join(foreign[:3])}, which is not among the issues")


def _json(answer: str) -> Any:
    """The JSON of an answer. Servers that do not enforce a schema like to put it into a fence."""
    fenced = re.fullmatch(r"\s*```(?:json)?\s*(.*?)\s*```\s*", answer, re.S)
    try:
        return json.loads(fenced[1] if fenced else answer)
    except ValueError:
        raise TextProblem("it is not JSON") from None


def _unmasked(text: DraftText, prompt: Prompt) -> DraftText:
    """The draft with private pieces put back, so that the checks and the reviewer see what it really says."""
    restore = prompt.restored
    for block in text.blocks:
        text = text.with_block(block.kind, (Sentence(restore(line.text), line.keys) for line in block.sentences))
    return replace(text, subject=restore(text.subject), preheader=restore(text.preheader))


_USED_UP = ("insufficient_quota", "billing_hard_limit_reached")


def _by_status(status: int, code: str | None, headers: Any, options: Options) -> DraftFailed:
    """Sort an HTTP error by what can be done about it."""
    if code in _USED_UP:
        return DraftFailed(
            "quota", "The OpenAI account has used up its budget. Look at its billing page.", can_retry=False
        )
    if status == 429:
        return DraftFailed(
            "rate_limited",
            "OpenAI asks to slow down.",
            can_retry=True,
            wait=retry_after(headers, dt.datetime.now(dt.UTC)),
        )
    if status == 401:
        return DraftFailed(
            "authentication", "OpenAI does not accept the API key. Check OPENAI_API_KEY.", can_retry=False
        )
    if status == 403:
        return DraftFailed("permission", "The OpenAI key may not use this model or region.", can_retry=False)
    if status == 404:
        return DraftFailed(
            "not_found", f"There is no model {options.model} at this address. Check OPENAI_MODEL and OPENAI_BASE_URL.",
            can_retry=False,
        )  # fmt: skip
    if code == "context_length_exceeded" or status == 413:
        return DraftFailed("too_long", "The facts of this release are too long for the model.", can_retry=False)
    if status in (408, 409) or status >= 500:
        return DraftFailed("server", f"OpenAI has a problem of its own (HTTP {status}).", can_retry=True,
                           wait=retry_after(headers, dt.datetime.now(dt.UTC)))  # fmt: skip
    shown = f", {code}" if code and re.fullmatch(r"\w{1,40}", code) else ""
    return DraftFailed("bad_request", f"OpenAI turned the request down (HTTP {status}{shown}).", can_retry=False)


def retry_after(headers: Any, now: dt.datetime) -> float | None:
    """Seconds to wait by the header Retry-After: a number, also with a point, or a date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after-ms")
    if value and re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value) / 1000
    value = headers.get("retry-after") or ""
    if re.fullmatch(r"\d+(\.\d+)?", value.strip()):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):  # a number too large for any calendar
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - now).total_seconds())


def _count(record: CallRecord, usage: Any, given: str, made: str) -> None:
    """Add the tokens of one call. What is no count is not known, and takes nothing away from the text."""
    counts = usage if isinstance(usage, dict) else {}
    record.input_tokens = _add(record.input_tokens, counts.get(given))
    record.output_tokens = _add(record.output_tokens, counts.get(made))


def _add(total: int | None, more: Any) -> int | None:
    right = isinstance(more, int) and not isinstance(more, bool) and 0 <= more <= MOST_TOKENS
    return min((total or 0) + more, MOST_TOKENS) if right else total
