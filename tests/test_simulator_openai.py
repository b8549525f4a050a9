"""The OpenAI simulator, through the real `openai` library over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from werkzeug.serving import make_server

from relmail.simulator import openai_model
from relmail.simulator.faults import Fault, Faults
from relmail.simulator.openai import OpenAISimulator

KEY = "sk-simulated"
FACTS = {
    "step": "release_day",
    "product": {"key": "HARBOR", "name": "Harbor"},
    "release": {"name": "2.4", "release_date": "2026-03-02"},
    "issues": [
        {"key": "HARBOR-1", "kind": "feature", "summary": "Export to CSV", "note": "Lists can be exported as CSV."},
        {"key": "HARBOR-2", "kind": "fix", "summary": "Import fails on empty lines", "note": ""},
    ],
}
SENTENCE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["text", "keys"],
    "properties": {
        "text": {"type": "string"},
        "keys": {"type": "array", "items": {"type": "string", "enum": ["HARBOR-1", "HARBOR-2"]}},
    },
}
BLOCK: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["kind", "sentences"],
    "properties": {
        "kind": {"type": "string", "enum": ["intro", "highlights", "breaking", "fixes", "action", "closing"]},
        "sentences": {"type": "array", "items": SENTENCE},
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["subject", "preheader", "blocks"],
    "properties": {
        "subject": {"type": "string"},
        "preheader": {"type": "string"},
        "blocks": {"type": "array", "items": BLOCK},
    },
}


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def base_url(faults: Faults) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, OpenAISimulator(api_key=KEY, faults=faults), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(base_url: str) -> openai.OpenAI:
    return openai.OpenAI(api_key=KEY, base_url=base_url, max_retries=0, timeout=5)


def ask(client: openai.OpenAI, schema: dict[str, Any] = SCHEMA, **more: Any) -> Any:
    form = {"type": "json_schema", "name": "mail", "strict": True, "schema": schema}
    return client.responses.create(
        model="gpt-5.5",
        instructions="Write a mail.",
        store=False,
        input=f"Facts:\n{json.dumps(FACTS)}\nThat is all.",
        text={"format": form},
        **more,
    )  # type: ignore[arg-type]


def chat(client: openai.OpenAI) -> Any:
    form = {"type": "json_schema", "json_schema": {"name": "mail", "strict": True, "schema": SCHEMA}}
    return client.chat.completions.create(
        model="gpt-5.5", messages=[{"role": "user", "content": json.dumps(FACTS)}], response_format=form
    )  # type: ignore[call-overload]


def test_a_mail_comes_back_in_the_shape_of_the_schema(client: openai.OpenAI) -> None:
    answer = ask(client)
    mail = json.loads(answer.output_text)
    assert answer.status == "completed"
    assert mail["subject"] == "Harbor 2.4 is available"
    sentences = [sentence for block in mail["blocks"] for sentence in block["sentences"]]
    assert {"text": "Lists can be exported as CSV.", "keys": ["HARBOR-1"]} in sentences
    assert {"text": "Fixed: Import fails on empty lines.", "keys": ["HARBOR-2"]} in sentences
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens > 0
    assert answer._request_id.startswith("req_simulated_")


def test_chat_completions_say_the_same_as_responses(client: openai.OpenAI) -> None:
    answer = chat(client)
    assert json.loads(answer.choices[0].message.content) == json.loads(ask(client).output_text)
    assert answer.choices[0].finish_reason == "stop"


def test_only_keys_of_the_enum_are_cited(client: openai.OpenAI) -> None:
    schema = json.loads(json.dumps(SCHEMA).replace('"HARBOR-1", "HARBOR-2"', '"HARBOR-2"'))
    assert "HARBOR-1" not in ask(client, schema).output_text


def test_each_step_has_its_own_words(client: openai.OpenAI) -> None:
    subjects = set()
    for step in ("announcement", "reminder", "release_day", "follow_up"):
        facts = json.dumps({**FACTS, "step": step})
        form = {"type": "json_schema", "name": "mail", "strict": True, "schema": SCHEMA}
        answer = client.responses.create(model="gpt-5.5", input=facts, text={"format": form})  # type: ignore[arg-type]
        subjects.add(json.loads(answer.output_text)["subject"])
    assert len(subjects) == 4


@pytest.mark.parametrize("step", ["announcement", "reminder", "release_day"])
def test_a_step_that_a_breaking_change_asks_for_is_told(step: str) -> None:
    note = "Agents older than 3.9 can no longer connect. Update your agents before this release: see Settings."
    broken = {"key": "HARBOR-3", "kind": "breaking", "summary": "Agents below 3.9 cannot connect", "note": note}
    facts = {**FACTS, "step": step, "issues": [*FACTS["issues"], broken]}
    schema = json.loads(json.dumps(SCHEMA).replace('"HARBOR-2"', '"HARBOR-2", "HARBOR-3"'))
    mail = json.loads(openai_model.write(json.dumps(facts), schema))
    blocks = {block["kind"]: [line["text"] for line in block["sentences"]] for block in mail["blocks"]}
    assert blocks["breaking"][1] == "Update your agents before this release: see Settings."
    assert "convenience" not in blocks["action"][0]
    fixed = "Fixed: Import fails on empty lines."
    assert blocks.get("fixes", []) == {"announcement": [f"Will be {fixed[0].lower()}{fixed[1:]}"],
                                       "release_day": [fixed]}.get(step, [])  # fmt: skip


def test_a_small_schema_is_filled_for_a_connection_test(client: openai.OpenAI) -> None:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["ready", "word"],
        "properties": {"ready": {"type": "boolean"}, "word": {"type": "string", "enum": ["blue"]}},
    }
    assert json.loads(ask(client, schema).output_text) == {"ready": True, "word": "blue"}


def test_a_wrong_key_is_turned_down(base_url: str) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        ask(openai.OpenAI(api_key="sk-other", base_url=base_url, max_retries=0))
    assert caught.value.code == "invalid_api_key"


def test_an_open_schema_is_turned_down_as_strict_mode_does(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, {**SCHEMA, "required": ["subject"]})
    assert caught.value.code == "invalid_json_schema"


def test_models_are_listed(client: openai.OpenAI) -> None:
    assert "gpt-5.5" in {model.id for model in client.models.list()}


def test_a_token_limit_cuts_the_answer(client: openai.OpenAI) -> None:
    answer = ask(client, max_output_tokens=16)
    assert answer.status == "incomplete"
    assert answer.incomplete_details.reason == "max_output_tokens"


def test_faults_are_played_once_and_then_gone(client: openai.OpenAI, faults: Faults) -> None:
    faults.add(Fault("openai", "throttle", detail="insufficient_quota"))
    with pytest.raises(openai.RateLimitError) as caught:
        ask(client)
    assert caught.value.code == "insufficient_quota"
    assert ask(client).status == "completed"


def test_a_refusal_has_its_own_place(client: openai.OpenAI, faults: Faults) -> None:
    faults.add(Fault("openai", "refusal", times=2))
    assert ask(client).output[0].content[0].type == "refusal"
    assert chat(client).choices[0].message.refusal


def test_truncation_is_told_in_both_protocols(client: openai.OpenAI, faults: Faults) -> None:
    faults.add(Fault("openai", "truncate", times=2))
    assert ask(client).status == "incomplete"
    assert chat(client).choices[0].finish_reason == "length"


def test_a_fault_for_one_operation_leaves_the_other_alone(client: openai.OpenAI, faults: Faults) -> None:
    faults.add(Fault("openai", "refuse", operation="chat", status=503))
    assert ask(client).status == "completed"
    with pytest.raises(openai.InternalServerError):
        chat(client)


def test_wrong_keys_cite_an_issue_that_nobody_sent(client: openai.OpenAI, faults: Faults) -> None:
    faults.add(Fault("openai", "wrong_keys"))
    assert "NOWHERE-999" in ask(client).output_text


def test_a_lost_answer_breaks_the_connection(client: openai.OpenAI, faults: Faults) -> None:
    faults.add(Fault("openai", "lose_answer"))
    with pytest.raises(openai.APIConnectionError):
        ask(client)


def test_html_from_a_gateway_is_passed_on_as_text(client: openai.OpenAI, faults: Faults) -> None:
    faults.add(Fault("openai", "malformed"))
    assert "<html>" in ask(client)
