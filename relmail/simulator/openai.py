"""The OpenAI API on loopback: `/v1/responses`, `/v1/chat/completions` and `/v1/models`.

Requests are checked as the real service checks them (bearer key, model, strict JSON schema), answers
have the full shape with usage and `x-request-id`. The "model" behind it is `openai_model.write`.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from relmail.simulator import openai_model
from relmail.simulator.connection import hang_up
from relmail.simulator.faults import Fault, Faults

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MODELS = ("gpt-5.5", "gpt-5.5-mini", "gpt-6", "gpt-6-mini")
CHARACTERS_PER_TOKEN = 4


class BadCall(Exception):
    """A call that the real API would turn down, with its error object."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


@dataclass(frozen=True)
class Answer:
    """What the model said: text or a refusal, and why it stopped ("stop", "length" or "content_filter")."""

    text: str
    refusal: str = ""
    stopped: str = "stop"
    failed: str = ""


class OpenAISimulator:
    """A WSGI application; mount it at `/openai` and use `http://HOST:PORT/openai/v1` as base URL.

    `api_key` is the only key that it takes, `faults` the rules for what goes wrong. `calls` keeps the
    parsed bodies of what was asked, newest last, for tests and for the curious.
    """

    def __init__(self, *, api_key: str, faults: Faults) -> None:
        self.api_key = api_key
        self.faults = faults
        self.calls: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)
        self._routes = Map(
            [
                Rule("/v1/responses", endpoint="responses", methods=["POST"]),
                Rule("/v1/chat/completions", endpoint="chat", methods=["POST"]),
                Rule("/v1/models", endpoint="models", methods=["GET"]),
                Rule("/v1/models/<name>", endpoint="model", methods=["GET"]),
            ]
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        number = next(self._numbers)
        try:
            response = self._answer(Request(environ), number)
        except BadCall as problem:
            response = _json(problem.body, problem.status)
        except HTTPException as problem:
            missing = {
                "message": f"Invalid URL ({environ['REQUEST_METHOD']} {environ['PATH_INFO']})",
                "type": "invalid_request_error",
                "param": None,
                "code": None,
            }
            response = _json({"error": missing}, problem.code or 500)
        response.headers["x-request-id"] = f"req_simulated_{number:06d}"
        return response(environ, start_response)

    def _answer(self, request: Request, number: int) -> Response:
        endpoint, values = self._routes.bind_to_environ(request.environ).match()
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            raise BadCall(
                401,
                "Incorrect API key provided: sk-****. You can find your API key in the dashboard.",
                code="invalid_api_key",
            )
        if endpoint == "models":
            return _json({"object": "list", "data": [_model_card(name) for name in MODELS]})
        if endpoint == "model":
            if values["name"] not in MODELS:
                raise NotFound
            return _json(_model_card(values["name"]))
        return self._complete(request, endpoint, number)

    def _complete(self, request: Request, endpoint: str, number: int) -> Response:
        fault = self.faults.take("openai", endpoint)
        if fault:
            early = _fault_before_the_model(fault)
            if early is not None:
                return early
        call = _body(request)
        self.calls.append(call)
        prompt, schema, limit = _read_responses(call) if endpoint == "responses" else _read_chat(call)
        answer = _fault_of_the_model(fault, prompt, schema) or Answer(openai_model.write(prompt, schema))
        if limit and len(answer.text) > limit * CHARACTERS_PER_TOKEN:
            answer = Answer(answer.text[: limit * CHARACTERS_PER_TOKEN], stopped="length")
        shape = _as_response if endpoint == "responses" else _as_chat
        if fault and fault.kind == "lose_answer":
            return hang_up(request.environ)
        return _json(shape(call["model"], answer, prompt, number))


def _fault_before_the_model(fault: Fault) -> Response | None:
    """The answer of a gateway that never asked the model; None when the model is asked after all."""
    if fault.kind in ("slow", "late_answer"):
        time.sleep(fault.seconds)
    elif fault.kind == "throttle":
        code = fault.detail or "rate_limit_exceeded"
        text = (
            "You exceeded your current quota, please check your plan and billing details."
            if code == "insufficient_quota"
            else "Rate limit reached for requests per minute."
        )
        kind = "insufficient_quota" if code == "insufficient_quota" else "requests"
        response = _json({"error": {"message": text, "type": kind, "param": None, "code": code}}, 429)
        if fault.seconds:
            response.headers["Retry-After"] = f"{fault.seconds:g}"
        elif fault.detail == "until":
            # The other legal form of the header, RFC 9110, 10.2.3.
            response.headers["Retry-After"] = formatdate(time.time() + 8, usegmt=True)
        return response
    elif fault.kind == "refuse":
        named: str | None = fault.detail or None
        kind = "server_error" if fault.status >= 500 else "invalid_request_error"
        return _json(
            {"error": {"message": f"The server answered {fault.status}.", "type": kind, "param": None, "code": named}},
            fault.status,
        )
    elif fault.kind == "malformed":
        if fault.detail == "empty":
            return _json({})
        if fault.detail == "null":
            return _json({"output": None, "choices": None, "usage": None})
        return Response("<html><body><h1>Gateway</h1>Please wait.</body></html>", mimetype="text/html")
    return None


def _fault_of_the_model(fault: Fault | None, prompt: str, schema: dict[str, Any] | None) -> Answer | None:
    """A bad answer of the model itself."""
    if fault is None:
        return None
    if fault.kind == "refusal":
        return Answer("", refusal=fault.detail or "I'm sorry, but I cannot help with that.")
    if fault.kind == "truncate":
        text = "" if fault.detail == "no_text" else openai_model.write(prompt, schema)
        stopped = fault.detail if fault.detail == "content_filter" else "length"
        return Answer(text[: len(text) // 2], stopped=stopped)
    if fault.kind == "wrong_keys":
        return Answer(openai_model.write(prompt, schema, foreign_key=fault.detail or "NOWHERE-999"))
    if fault.kind == "wrong_shape":
        if fault.detail == "prose":
            return Answer("Here is the mail that you asked for. It is lovely.")
        if fault.detail == "fenced":
            return Answer(f"```json\n{openai_model.write(prompt, schema)}\n```")
        if fault.detail == "failed":
            return Answer("", failed="server_error")
        return Answer(json.dumps({"title": "A mail", "paragraphs": ["One.", "Two."]}))
    return None


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.get_data())
    except ValueError:
        raise BadCall(400, "We could not parse the JSON body of your request.") from None
    if not isinstance(body, dict) or not isinstance(body.get("model"), str) or not body["model"]:
        raise BadCall(400, "you must provide a model parameter", param="model")
    return body


def _read_responses(call: dict[str, Any]) -> tuple[str, dict[str, Any] | None, int | None]:
    """Prompt, schema and token limit of a call to /v1/responses."""
    if "input" not in call:
        raise BadCall(400, "Missing required parameter: 'input'.", code="missing_required_parameter", param="input")
    texts = [call.get("instructions") or "", *_texts(call["input"])]
    form = (call.get("text") or {}).get("format") or {}
    schema = form.get("schema") if form.get("type") == "json_schema" else None
    if schema is not None:
        _check_strict(schema, strict=bool(form.get("strict")), name=form.get("name"), param="text.format")
    return "\n".join(texts), schema, call.get("max_output_tokens")


def _read_chat(call: dict[str, Any]) -> tuple[str, dict[str, Any] | None, int | None]:
    """Prompt, schema and token limit of a call to /v1/chat/completions."""
    messages = call.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadCall(
            400, "Missing required parameter: 'messages'.", code="missing_required_parameter", param="messages"
        )
    form = call.get("response_format") or {}
    described = form.get("json_schema") or {}
    schema = described.get("schema") if form.get("type") == "json_schema" else None
    if schema is not None:
        _check_strict(schema, strict=bool(described.get("strict")), name=described.get("name"), param="response_format")
    return "\n".join(_texts(messages)), schema, call.get("max_completion_tokens") or call.get("max_tokens")


def _texts(value: Any) -> list[str]:
    """Every piece of text in an input or in messages, in order."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):
        return _texts(value.get("content", value.get("text", "")))
    return []


def _check_strict(schema: dict[str, Any], *, strict: bool, name: Any, param: str) -> None:
    """Turn down what strict mode turns down: open objects and fields that are not required."""
    if not name:
        raise BadCall(
            400,
            f"Missing required parameter: '{param}.name'.",
            code="missing_required_parameter",
            param=f"{param}.name",
        )
    if strict:
        _check_object(schema, param=param, path=())


def _check_object(schema: Any, *, param: str, path: tuple[str, ...]) -> None:
    if not isinstance(schema, dict):
        return
    place = f"In context=({', '.join(path)})"
    properties = schema.get("properties")
    if schema.get("type") == "object" or properties is not None:
        if schema.get("additionalProperties") is not False:
            raise BadCall(
                400,
                f"Invalid schema: {place}, 'additionalProperties' is required to be supplied and to be false.",
                code="invalid_json_schema",
                param=param,
            )
        if set(schema.get("required") or ()) != set(properties or ()):
            raise BadCall(
                400,
                f"Invalid schema: {place}, 'required' is required to be supplied and to be an "
                "array including every key in properties.",
                code="invalid_json_schema",
                param=param,
            )
    if "enum" in schema and not schema["enum"]:
        raise BadCall(400, f"Invalid schema: {place}, [] is too short.", code="invalid_json_schema", param=param)
    for name, child in (properties or {}).items():
        _check_object(child, param=param, path=(*path, "properties", name))
    _check_object(schema.get("items"), param=param, path=(*path, "items"))


def _as_response(model: str, answer: Answer, prompt: str, number: int) -> dict[str, Any]:
    """The body of /v1/responses."""
    given, made = len(prompt) // CHARACTERS_PER_TOKEN, len(answer.text) // CHARACTERS_PER_TOKEN
    part: dict[str, Any] = (
        {"type": "refusal", "refusal": answer.refusal}
        if answer.refusal
        else {"type": "output_text", "text": answer.text, "annotations": []}
    )
    reason = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(answer.stopped)
    status = "failed" if answer.failed else "incomplete" if reason else "completed"
    message = {
        "type": "message",
        "id": f"msg_{number}",
        "role": "assistant",
        "status": "incomplete" if reason else "completed",
        "content": [part],
    }
    return {
        "id": f"resp_{number}",
        "object": "response",
        "created_at": int(time.time()),
        "model": model,
        "status": status,
        "error": {"code": answer.failed, "message": "The model failed."} if answer.failed else None,
        "incomplete_details": {"reason": reason} if reason else None,
        "output": [] if answer.failed else [message],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": given,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": made,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": given + made,
        },
    }


def _as_chat(model: str, answer: Answer, prompt: str, number: int) -> dict[str, Any]:
    """The body of /v1/chat/completions."""
    given, made = len(prompt) // CHARACTERS_PER_TOKEN, len(answer.text) // CHARACTERS_PER_TOKEN
    message = {
        "role": "assistant",
        "content": None if answer.refusal else answer.text,
        "refusal": answer.refusal or None,
    }
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": []
        if answer.failed
        else [{"index": 0, "finish_reason": answer.stopped, "logprobs": None, "message": message}],
        "usage": {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made},
    }


def _model_card(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1760000000, "owned_by": "simulator"}


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, mimetype="application/json")
