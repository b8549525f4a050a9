"""The door of incoming events: is this text really SNS speaking, about a topic of ours?

django-ses's verifier is subclassed; what 4.8.2 leaves open is closed here. It knows signature version 1
only, remembers a certificate that could not be fetched for the life of the process, takes any topic
until one is named, and falls over bodies that are no JSON object.

Order: size, JSON object, topic, signature version, certificate address, signature, age. Nothing is
fetched for a message that an earlier check refused. AWS: "Verifying the signatures of Amazon SNS messages".
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import logging
import re
import threading
from dataclasses import dataclass
from typing import Any

import requests
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django_ses.utils import EventMessageVerifier
from django_ses.views import SESEventWebhookView

log = logging.getLogger(__name__)

LARGEST_BODY = 512 * 1024  # SNS carries 256 KB; the envelope escapes quotes
LARGEST_CERTIFICATE = 64 * 1024
# SNS tries for at most an hour ("Amazon SNS message delivery retries"); five minutes for clocks.
OLDEST = dt.timedelta(minutes=65)
AHEAD = dt.timedelta(minutes=15)

HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}  # what SNS signs with, by SignatureVersion
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
FILE_NAME = r"SimpleNotificationService-[0-9a-f]{8,64}\.pem"


class Refused(Exception):
    """A request that is not taken. `status` 4xx: it never will be; 503: SNS is to try again."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True)
class Envelope:
    """A verified SNS message. `stale` says why its time is out of bounds; empty when it is not."""

    type: str
    message_id: str
    topic_arn: str
    message: str
    token: str
    stale: str


def opened(body: bytes, *, now: dt.datetime) -> Envelope:
    """Check a request's body from size to age and return what it carries. Raises Refused."""
    if len(body) > LARGEST_BODY:
        raise Refused(413, "The message is larger than SNS makes them.")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "The body is not JSON.") from None
    if not isinstance(data, dict):
        raise Refused(400, "The body is not a JSON object.")
    topic = data.get("TopicArn")
    if not isinstance(topic, str) or topic not in settings.SNS_TOPIC_ARNS:
        raise Refused(403, "This topic is not one of ours.")
    fields = SIGNED.get(data["Type"]) if isinstance(data.get("Type"), str) else None
    if fields is None:
        raise Refused(400, "The type of the message is not one that SNS has.")
    for name in fields:
        if not isinstance(data.get(name), str) and not (name == "Subject" and data.get(name) is None):
            raise Refused(400, f"{name} is missing or not text.")
    if not data["MessageId"] or len(data["MessageId"]) > 100:
        raise Refused(400, "MessageId is empty or too long.")
    if not Verifier(data).is_verified():
        raise Refused(403, "The signature is not that of the message.")
    return Envelope(
        type=data["Type"],
        message_id=data["MessageId"],
        topic_arn=topic,
        message=data["Message"],
        token=data.get("Token") or "",
        stale=_stale(data["Timestamp"], now),
    )


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class SnsView(SESEventWebhookView):
    """What SNS posts to: 200 taken or known already, 4xx never, 503 try again. SNS acts on exactly that.

    The body is never written to a log: it holds addresses.
    """

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Hand the body on; a refusal becomes its status and a sentence."""
        try:
            if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
                raise Refused(413, "The message is larger than SNS makes them.")
            word = self.take(request.body)
        except Refused as refusal:
            log.warning("SNS message refused with %s: %s", refusal.status, refusal.why)
            return HttpResponse(refusal.why, status=refusal.status, content_type="text/plain")
        return HttpResponse(word, content_type="text/plain")

    def take(self, body: bytes) -> str:
        """Check and store one request; a word for the answer. Raises Refused."""
        raise NotImplementedError


class Verifier(EventMessageVerifier):
    """django-ses's verifier with both signature versions, a strict certificate address and an honest cache."""

    def is_verified(self) -> bool:
        """Does the signature fit? Raises Refused for a form that is wrong or a certificate that cannot be had."""
        version = self._data.get("SignatureVersion")
        if not isinstance(version, str) or version not in HASHES:
            raise Refused(400, "SignatureVersion is neither 1 nor 2.")
        url = certificate_url(self._data)
        try:
            signature = base64.b64decode(self._data.get("Signature") or "", validate=True)
        except (binascii.Error, ValueError, TypeError):
            raise Refused(400, "The signature is not base64.") from None
        key = public_key(url)
        try:
            key.verify(signature, self._get_bytes_to_sign(), padding.PKCS1v15(), HASHES[version]())
        except InvalidSignature:
            return False
        return True

    def _get_bytes_to_sign(self) -> bytes:
        names = SIGNED[self._data["Type"]]
        return "".join(f"{name}\n{self._data[name]}\n" for name in names if self._data.get(name) is not None).encode()


def certificate_url(data: dict[str, Any]) -> str:
    """The address of the signing certificate, if it is Amazon's for the topic's own Region. Raises Refused.

    `SNS_CERTIFICATE_URL_PREFIX` is one more exact prefix; what follows it must be a file name as SNS has them.
    """
    url = data.get("SigningCertURL")
    if not isinstance(url, str):
        raise Refused(400, "SigningCertURL is missing or not text.")
    region = data["TopicArn"].split(":")[3]
    host = rf"sns\.{re.escape(region)}\.amazonaws\.com" + (r"\.cn" if region.startswith("cn-") else "")
    patterns = [rf"https://{host}/{FILE_NAME}"]
    if settings.SNS_CERTIFICATE_URL_PREFIX:
        patterns.append(re.escape(settings.SNS_CERTIFICATE_URL_PREFIX) + FILE_NAME)
    if not any(re.fullmatch(pattern, url) for pattern in patterns):
        raise Refused(400, "SigningCertURL is not an address of Amazon SNS in the topic's Region.")
    return url


_keys: dict[str, tuple[rsa.RSAPublicKey, dt.datetime]] = {}
_keys_lock = threading.Lock()


def public_key(url: str) -> rsa.RSAPublicKey:
    """The key in the certificate at a trusted address; only a good one is remembered.

    Raises Refused (503) when it cannot be had now, so that SNS tries again.
    """
    with _keys_lock:
        known = _keys.get(url)
    if known and known[1] > timezone.now():
        return known[0]
    certificate = _certificate(url)
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise Refused(503, "The signing certificate does not hold an RSA key.")
    with _keys_lock:
        if len(_keys) >= 16:
            _keys.clear()
        _keys[url] = (key, certificate.not_valid_after_utc)
    return key


def forget_certificates() -> None:
    """Fetch every certificate anew."""
    with _keys_lock:
        _keys.clear()


def _certificate(url: str) -> x509.Certificate:
    try:
        with requests.get(url, timeout=(3, 5), allow_redirects=False, stream=True) as answer:
            content = answer.raw.read(LARGEST_CERTIFICATE + 1, decode_content=True)
        if answer.status_code != 200 or len(content) > LARGEST_CERTIFICATE:
            raise Refused(503, "The signing certificate could not be fetched.")
        certificate = x509.load_pem_x509_certificate(content)
    except Refused:
        raise
    except Exception as error:  # whatever the network or the file did, SNS is to try again
        log.warning("the SNS signing certificate could not be fetched: %s", type(error).__name__)
        raise Refused(503, "The signing certificate could not be fetched.") from error
    if certificate.not_valid_after_utc < timezone.now():
        raise Refused(503, "The signing certificate has expired.")
    return certificate


def _stale(timestamp: str, now: dt.datetime) -> str:
    try:
        sent = parse_datetime(timestamp)
    except ValueError:
        sent = None
    if sent is None or sent.tzinfo is None:
        return "Not applied: its time cannot be read."
    if sent < now - OLDEST:
        return "Not applied: older than SNS keeps trying. Apply it by hand if it belongs here."
    if sent > now + AHEAD:
        return "Not applied: its time lies in the future."
    return ""
