"""Tenants, what belongs to them, and dedicated IP pools.

API reference v2: a send that names a tenant only succeeds if its identity, configuration set and template are
associated with that tenant (SendEmail and SendBulkEmail, TenantName). A pool is not named by a send: it belongs to a
configuration set (PutConfigurationSetDeliveryOptions, SendingPoolName).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from relmail.simulator.amazon.account import ACCOUNT_ID, Account
from relmail.simulator.amazon.errors import AmazonError, bad_request, not_found

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
POOL_NAME = re.compile(r"[a-z0-9_-]{1,64}")


@dataclass
class Tenant:
    """A name, whether it may send, and the ARNs that belong to it."""

    name: str
    sending: str = "ENABLED"
    resources: set[str] = field(default_factory=set)


class Tenants:
    """The operations on tenants and pools."""

    account: Account

    def _CreateTenant(self, given: dict[str, Any]) -> dict[str, Any]:
        name = given["TenantName"]
        if not NAME.fullmatch(name):
            raise bad_request(f"Invalid tenant name {name[:80]}")
        with self.account.lock:
            if name in self.account.tenants:
                raise AmazonError("AlreadyExistsException", f"Tenant {name} already exists.")
            self.account.tenants[name] = Tenant(name)
        return {"TenantName": name, "TenantArn": self._arn("tenant", name), "SendingStatus": "ENABLED"}

    def _GetTenant(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self._tenant(given["TenantName"])
        return {
            "Tenant": {
                "TenantName": found.name, "TenantArn": self._arn("tenant", found.name), "SendingStatus": found.sending,
            }
        }  # fmt: skip

    def _DeleteTenant(self, given: dict[str, Any]) -> dict[str, Any]:
        with self.account.lock:
            del self.account.tenants[self._tenant(given["TenantName"]).name]
        return {}

    def _CreateTenantResourceAssociation(self, given: dict[str, Any]) -> dict[str, Any]:
        found, arn = self._tenant(given["TenantName"]), given["ResourceArn"]
        kind, _, name = arn.rpartition(":")[2].partition("/")
        known: dict[str, Any] = {
            "identity": self.account.identities,
            "configuration-set": self.account.configuration_sets,
            "template": self.account.templates,
        }
        with self.account.lock:
            if arn != self._arn(kind, name) or name not in known.get(kind, {}):
                raise not_found(f"Resource {arn} does not exist.")
            if arn in found.resources:
                raise AmazonError("AlreadyExistsException", f"{arn} is already associated with {found.name}.")
            found.resources.add(arn)
        return {}

    def _DeleteTenantResourceAssociation(self, given: dict[str, Any]) -> dict[str, Any]:
        self._tenant(given["TenantName"]).resources.discard(given["ResourceArn"])
        return {}

    def _CreateDedicatedIpPool(self, given: dict[str, Any]) -> dict[str, Any]:
        name = given["PoolName"]
        if not POOL_NAME.fullmatch(name):
            raise bad_request(f"Invalid pool name {name[:80]}")
        with self.account.lock:
            if name in self.account.pools:
                raise AmazonError("AlreadyExistsException", f"The pool {name} already exists.")
            self.account.pools.add(name)
        return {}

    def _PutConfigurationSetDeliveryOptions(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.account.configuration_set(given["ConfigurationSetName"])
        pool = given.get("SendingPoolName") or ""
        if pool and pool not in self.account.pools:
            raise not_found(f"The pool {pool} does not exist.")
        found.pool = pool
        return {}

    def check_tenant(self, name: str, sender: str, configuration_set: str) -> None:
        """Raises AmazonError unless the tenant exists, may send and owns the sender's identity and the set."""
        found = self._tenant(name)
        if found.sending == "DISABLED":
            raise AmazonError("SendingPausedException", f"Sending is paused for tenant {name}.")
        labels = sender.lower().rpartition("@")[2].split(".")
        identities = [sender.lower(), *(".".join(labels[start:]) for start in range(len(labels)))]
        if not any(self._arn("identity", identity) in found.resources for identity in identities):
            raise bad_request(f"The identity of {sender} is not associated with tenant {name}.")
        if configuration_set and self._arn("configuration-set", configuration_set) not in found.resources:
            raise bad_request(f"The configuration set {configuration_set} is not associated with tenant {name}.")

    def _tenant(self, name: str) -> Tenant:
        with self.account.lock:
            found = self.account.tenants.get(name)
        if found is None:
            raise not_found(f"Tenant {name} does not exist.")
        return found

    def _arn(self, kind: str, name: str) -> str:
        return f"arn:aws:ses:{self.account.region}:{ACCOUNT_ID}:{kind}/{name}"
