"""The operations of SES v2 that a sender and its operator use, with AWS's names, answers and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from relmail.simulator.amazon.account import Account, ConfigurationSet
from relmail.simulator.amazon.errors import AmazonError, bad_request, not_found
from relmail.simulator.amazon.inbox import Mail
from relmail.simulator.amazon.sending import Sending
from relmail.simulator.faults import Faults


class SES(Sending):
    """Answers operations by name: the sending ones and those for account, identities, lists and sets.

    `validated` is called with a topic that becomes the destination of events.
    """

    def __init__(
        self, account: Account, faults: Faults, accept: Callable[[Mail], None], validated: Callable[[str], None]
    ) -> None:
        super().__init__(account, faults, accept)
        self.validated = validated

    def answer(self, operation: str, given: dict[str, Any]) -> dict[str, Any]:
        """Run one operation. Raises AmazonError; UnknownOperationException for those not built."""
        method = getattr(self, f"_{operation}", None)
        if method is None:
            raise AmazonError("UnknownOperationException", f"the simulator does not have {operation}", 501)
        result: dict[str, Any] = method(given)
        return result

    # Account ------------------------------------------------------------------------------------

    def _GetAccount(self, given: dict[str, Any]) -> dict[str, Any]:
        account = self.account
        return {
            "DedicatedIpAutoWarmupEnabled": False,
            "EnforcementStatus": account.enforcement,
            "ProductionAccessEnabled": True,
            "SendQuota": {
                "Max24HourSend": account.max_24h,
                "MaxSendRate": account.max_per_second,
                "SentLast24Hours": float(account.sent_24h()),
            },
            "SendingEnabled": account.sending_enabled and account.enforcement != "SHUTDOWN",
            "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
        }

    def _PutAccountSendingAttributes(self, given: dict[str, Any]) -> dict[str, Any]:
        self.account.sending_enabled = bool(given.get("SendingEnabled", False))
        return {}

    # Identities ---------------------------------------------------------------------------------

    def _ListEmailIdentities(self, given: dict[str, Any]) -> dict[str, Any]:
        with self.account.lock:
            known = sorted(self.account.identities.items())
        return {
            "EmailIdentities": [
                {
                    "IdentityName": name,
                    "IdentityType": _identity_type(name),
                    "SendingEnabled": verified,
                    "VerificationStatus": "SUCCESS" if verified else "PENDING",
                }
                for name, verified in known
            ]
        }

    def _GetEmailIdentity(self, given: dict[str, Any]) -> dict[str, Any]:
        name = given["EmailIdentity"].lower()
        with self.account.lock:
            if name not in self.account.identities:
                raise not_found(f"Email identity {name} does not exist.")
            verified = self.account.identities[name]
        return {
            "IdentityType": _identity_type(name),
            "FeedbackForwardingStatus": True,
            "VerifiedForSendingStatus": verified,
            "VerificationStatus": "SUCCESS" if verified else "PENDING",
            "DkimAttributes": {"SigningEnabled": verified, "Status": "SUCCESS" if verified else "PENDING"},
        }

    def _CreateEmailIdentity(self, given: dict[str, Any]) -> dict[str, Any]:
        name = given["EmailIdentity"].lower()
        with self.account.lock:
            if name in self.account.identities:
                raise AmazonError("AlreadyExistsException", f"Email identity {name} already exist.")
            self.account.identities[name] = False
        return {
            "IdentityType": _identity_type(name),
            "VerifiedForSendingStatus": False,
            "DkimAttributes": {"SigningEnabled": True, "Status": "NOT_STARTED"},
        }

    def _DeleteEmailIdentity(self, given: dict[str, Any]) -> dict[str, Any]:
        with self.account.lock:
            if self.account.identities.pop(given["EmailIdentity"].lower(), None) is None:
                raise not_found(f"Email identity {given['EmailIdentity']} does not exist.")
        return {}

    # Suppression list ---------------------------------------------------------------------------

    def _PutSuppressedDestination(self, given: dict[str, Any]) -> dict[str, Any]:
        self.account.suppress(given["EmailAddress"], given["Reason"])
        return {}

    def _GetSuppressedDestination(self, given: dict[str, Any]) -> dict[str, Any]:
        with self.account.lock:
            found = self.account.suppressed.get(given["EmailAddress"].lower())
        if found is None:
            raise not_found(f"Email address {given['EmailAddress']} does not exist on your suppression list.")
        return {"SuppressedDestination": found}

    def _DeleteSuppressedDestination(self, given: dict[str, Any]) -> dict[str, Any]:
        with self.account.lock:
            if self.account.suppressed.pop(given["EmailAddress"].lower(), None) is None:
                raise not_found(f"Email address {given['EmailAddress']} does not exist on your suppression list.")
        return {}

    def _ListSuppressedDestinations(self, given: dict[str, Any]) -> dict[str, Any]:
        reasons = given.get("Reasons") or ("BOUNCE", "COMPLAINT")
        size = min(int(given.get("PageSize") or 1000), 1000)
        token = str(given.get("NextToken") or "0")
        if not token.isdigit():
            raise AmazonError("InvalidNextTokenException", "The specified request includes an invalid token.")
        with self.account.lock:
            found = [one for one in self.account.suppressed.values() if one["Reason"] in reasons]
        start = int(token)
        page = {"SuppressedDestinationSummaries": found[start : start + size]}
        return page | ({"NextToken": str(start + size)} if start + size < len(found) else {})

    # Configuration sets -------------------------------------------------------------------------

    def _CreateConfigurationSet(self, given: dict[str, Any]) -> dict[str, Any]:
        name = given["ConfigurationSetName"]
        with self.account.lock:
            if name in self.account.configuration_sets:
                raise AmazonError("AlreadyExistsException", f"Configuration set <{name}> already exists.")
            pool = (given.get("DeliveryOptions") or {}).get("SendingPoolName") or ""
            if pool and pool not in self.account.pools:
                raise not_found(f"The pool {pool} does not exist.")
            self.account.configuration_sets[name] = ConfigurationSet(name, pool=pool)
        return {}

    def _GetConfigurationSet(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.account.configuration_set(given["ConfigurationSetName"])
        return {
            "ConfigurationSetName": found.name,
            "SendingOptions": {"SendingEnabled": found.sending_enabled},
            "DeliveryOptions": {"SendingPoolName": found.pool} if found.pool else {},
        }

    def _ListConfigurationSets(self, given: dict[str, Any]) -> dict[str, Any]:
        with self.account.lock:
            return {"ConfigurationSets": sorted(self.account.configuration_sets)}

    def _DeleteConfigurationSet(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.account.configuration_set(given["ConfigurationSetName"])
        with self.account.lock:
            del self.account.configuration_sets[found.name]
        return {}

    def _PutConfigurationSetSendingOptions(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.account.configuration_set(given["ConfigurationSetName"])
        found.sending_enabled = bool(given.get("SendingEnabled", False))
        return {}

    def _CreateConfigurationSetEventDestination(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.account.configuration_set(given["ConfigurationSetName"])
        name = given["EventDestinationName"]
        if name in found.destinations:
            raise AmazonError("AlreadyExistsException", f"An event destination with the name {name} already exists.")
        destination = given["EventDestination"]
        if not destination.get("MatchingEventTypes"):
            raise bad_request("MatchingEventTypes is empty")
        if topic := (destination.get("SnsDestination") or {}).get("TopicArn"):
            self.validated(topic)
        found.destinations[name] = {"Name": name} | destination
        return {}

    def _GetConfigurationSetEventDestinations(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.account.configuration_set(given["ConfigurationSetName"])
        return {"EventDestinations": list(found.destinations.values())}

    def _DeleteConfigurationSetEventDestination(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.account.configuration_set(given["ConfigurationSetName"])
        if found.destinations.pop(given["EventDestinationName"], None) is None:
            raise not_found(f"No event destination with the name {given['EventDestinationName']}.")
        return {}


def _identity_type(name: str) -> str:
    return "EMAIL_ADDRESS" if "@" in name else "DOMAIN"
