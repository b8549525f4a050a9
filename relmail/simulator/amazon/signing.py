"""SNS's signatures: an RSA key and a certificate of our own, made once per process."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

# AWS, "Verifying the signatures of Amazon SNS messages": the fields and their order.
SIGNED_FIELDS = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


class Signer:
    """Signs SNS messages; `certificate` is the PEM that its `file_name` is served with."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.certificate = _certificate(self._key)
        digest = hashlib.sha256(self.certificate).hexdigest()[:32]
        self.file_name = f"SimpleNotificationService-{digest}.pem"

    def sign(self, message: dict[str, Any], version: str) -> str:
        """The signature of a message in base64, with SHA-1 for version 1 and SHA-256 for version 2."""
        algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()  # noqa: S303 - what SNS does
        return base64.b64encode(self._key.sign(canonical(message), padding.PKCS1v15(), algorithm)).decode()


@cache
def signer() -> Signer:
    """The signer of this process; making a key takes a while."""
    return Signer()


def canonical(message: dict[str, Any]) -> bytes:
    """The bytes that are signed: name and value of each field that the message has, a line each."""
    fields = SIGNED_FIELDS[message["Type"]]
    return "".join(f"{field}\n{message[field]}\n" for field in fields if message.get(field) is not None).encode()


def _certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.simulator.example")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)
