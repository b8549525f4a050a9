"""Stored templates, tenants and pools of the simulated SES, spoken to by the real boto3."""

from __future__ import annotations

from typing import Any

import pytest

from relmail.simulator.amazon.account import ACCOUNT_ID
from tests.test_simulator_amazon import bulk, client, entry, inbox, refusal, single

CONTENT = {"Subject": "A token", "Text": '{"epoch": 1}'}


@pytest.fixture
def ses(simulator: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(simulator.amazon, "event_pace", 0.0)
    simulator.amazon.account.seconds_between_changes = 0
    return client(simulator)


def arn(kind: str, name: str) -> str:
    return f"arn:aws:ses:eu-central-1:{ACCOUNT_ID}:{kind}/{name}"


def test_a_template_is_created_once_read_updated_and_deleted(ses: Any) -> None:
    assert refusal(lambda: ses.get_email_template(TemplateName="a")) == ("NotFoundException", 404)
    assert refusal(lambda: ses.update_email_template(TemplateName="a", TemplateContent=CONTENT)) == (
        "NotFoundException",
        404,
    )
    ses.create_email_template(TemplateName="a", TemplateContent=CONTENT)
    assert refusal(lambda: ses.create_email_template(TemplateName="a", TemplateContent=CONTENT)) == (
        "AlreadyExistsException", 400,
    )  # fmt: skip
    assert ses.get_email_template(TemplateName="a")["TemplateContent"] == CONTENT
    ses.update_email_template(TemplateName="a", TemplateContent=CONTENT | {"Text": "other"})
    assert ses.get_email_template(TemplateName="a")["TemplateContent"]["Text"] == "other"
    ses.delete_email_template(TemplateName="a")
    assert refusal(lambda: ses.delete_email_template(TemplateName="a")) == ("NotFoundException", 404)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("with space", CONTENT),
        ("a" * 65, CONTENT),
        ("no-subject", {"Text": "x"}),
        ("no-part", {"Subject": "x"}),
        ("too-large", {"Subject": "x", "Text": "y" * 600_000}),
    ],
)
def test_what_aws_would_not_keep_is_refused(ses: Any, name: str, content: dict[str, str]) -> None:
    assert refusal(lambda: ses.create_email_template(TemplateName=name, TemplateContent=content)) == (
        "BadRequestException", 400,
    )  # fmt: skip


def test_a_template_changes_once_a_second_and_is_read_as_often_as_wanted(ses: Any, simulator: Any) -> None:
    ses.create_email_template(TemplateName="a", TemplateContent=CONTENT)
    simulator.amazon.account.seconds_between_changes = 30.0
    ses.update_email_template(TemplateName="a", TemplateContent=CONTENT)
    code, status = refusal(lambda: ses.update_email_template(TemplateName="a", TemplateContent=CONTENT))
    assert (code, status) == ("TooManyRequestsException", 429)
    for _ in range(5):
        ses.get_email_template(TemplateName="a")


def test_a_send_may_name_a_stored_template(ses: Any, simulator: Any) -> None:
    ses.create_email_template(TemplateName="hello", TemplateContent={"Subject": "Hi {{first_name}}", "Text": "T"})
    stored = {"Template": {"TemplateName": "hello", "TemplateData": "{}"}}
    assert bulk(ses, DefaultContent=stored)[0]["Status"] == "SUCCESS"
    assert inbox(simulator)["messages"][0]["subject"] == "Hi Ada"
    missing = {"Template": {"TemplateName": "nobody", "TemplateData": "{}"}}
    assert refusal(lambda: bulk(ses, DefaultContent=missing)) == ("NotFoundException", 404)


def test_a_tenant_sends_only_with_what_belongs_to_it(ses: Any, simulator: Any) -> None:
    assert bulk(ses, TenantName="kite")[0]["Status"] != "SUCCESS"
    ses.create_tenant(TenantName="kite")
    assert bulk(ses, TenantName="kite")[0]["Status"] == "INVALID_PARAMETER"
    example = arn("identity", "example")
    ses.create_tenant_resource_association(TenantName="kite", ResourceArn=example)
    assert "configuration set relmail is not associated" in bulk(ses, TenantName="kite")[0]["Error"]
    ses.create_tenant_resource_association(TenantName="kite", ResourceArn=arn("configuration-set", "relmail"))
    assert bulk(ses, entry(), TenantName="kite")[0]["Status"] == "SUCCESS"
    assert single(ses, TenantName="kite", ConfigurationSetName="relmail")["MessageId"]
    assert inbox(simulator)["messages"][0]["tenant"] == "kite"
    simulator.amazon.account.tenants["kite"].sending = "DISABLED"
    assert refusal(lambda: single(ses, TenantName="kite")) == ("SendingPausedException", 400)
    unknown = lambda: ses.create_tenant_resource_association(TenantName="kite", ResourceArn=arn("identity", "x"))  # noqa: E731
    assert refusal(unknown) == ("NotFoundException", 404)


def test_a_pool_belongs_to_a_configuration_set(ses: Any) -> None:
    options = {"ConfigurationSetName": "kite", "DeliveryOptions": {"SendingPoolName": "kite-pool"}}
    assert refusal(lambda: ses.create_configuration_set(**options)) == ("NotFoundException", 404)
    ses.create_dedicated_ip_pool(PoolName="kite-pool")
    ses.create_configuration_set(**options)
    found = ses.get_configuration_set(ConfigurationSetName="kite")
    assert found["DeliveryOptions"] == {"SendingPoolName": "kite-pool"}
    ses.put_configuration_set_delivery_options(ConfigurationSetName="kite")
    assert not ses.get_configuration_set(ConfigurationSetName="kite")["DeliveryOptions"]
