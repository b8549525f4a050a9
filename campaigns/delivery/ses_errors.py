"""What an error of SES means for a message: try later, never, hold everything, or nobody knows.

Codes: AWS, SES API v2, "Common errors" and the errors of SendEmail and SendBulkEmail; statuses:
BulkEmailEntryResult. Everything that may have reached SES without a clear answer is unclear, and an
unclear send is never repeated by a machine.
"""

from __future__ import annotations

from typing import Any, Literal

from botocore import exceptions

Kind = Literal["retry", "failed", "hold", "unclear"]
Outcome = Literal["accepted", "retry", "failed", "hold", "unknown"]


class SESError(Exception):
    """A request that SES did not clearly accept.

    kind: "retry" nothing was accepted, later it may work; "failed" it never will; "hold" nothing was
    accepted and nothing will be until somebody or time changes something; "unclear" it may have been
    accepted. `code` is AWS's or botocore's name, `throttled` says that only the rate was too high.
    """

    def __init__(self, kind: Kind, code: str, detail: str, *, throttled: bool = False) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.kind: Kind = kind
        self.code = code
        self.detail = detail[:500]
        self.throttled = throttled
        self.sent = 0

    @property
    def outcome(self) -> Outcome:
        """What it means for each message of the request."""
        return "unknown" if self.kind == "unclear" else self.kind


TOO_FAST = "TooManyRequestsException"
THROTTLING = frozenset({
    TOO_FAST, "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
    "RequestThrottledException", "RequestLimitExceeded", "SlowDown",
})  # fmt: skip
HOLDING = frozenset({
    "AccountSuspendedException", "SendingPausedException", "MailFromDomainNotVerifiedException", "NotFoundException",
    "LimitExceededException", "AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException",
    "IncompleteSignature", "IncompleteSignatureException", "InvalidAccessKeyId", "InvalidClientTokenId",
    "InvalidSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException", "NotAuthorized",
    "OptInRequired", "RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch", "UnrecognizedClientException",
    "UnknownOperationException", "InvalidAction", "MalformedHttpRequestException",
})  # fmt: skip
FAILING = frozenset({
    "BadRequestException", "MessageRejected", "SerializationException", "ValidationException", "ValidationError",
    "RequestEntityTooLarge", "RequestEntityTooLargeException",
})  # fmt: skip
# "Aborted before a reply is sent back": with a status of 400 they look like refusals, and say nothing of the kind.
UNCLEAR = frozenset({
    "RequestAborted", "RequestAbortedException", "RequestTimeout", "RequestTimeoutException",
    "InternalFailure", "InternalServiceErrorException",
})  # fmt: skip

# Both spellings where AWS's list of names and its text disagree.
ENTRY_OUTCOMES: dict[str, Outcome] = {
    "SUCCESS": "accepted",
    "MESSAGE_REJECTED": "failed",
    "INVALID_PARAMETER": "failed",
    "INVALID_PARAMETER_VALUE": "failed",
    "ACCOUNT_THROTTLED": "retry",
    "TRANSIENT_FAILURE": "retry",
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": "hold",
    "CONFIGURATION_SET_NOT_FOUND": "hold",
    "CONFIGURATION_SET_DOES_NOT_EXIST": "hold",
    "TEMPLATE_NOT_FOUND": "hold",
    "TEMPLATE_DOES_NOT_EXIST": "hold",
    "INVALID_SENDING_POOL_NAME": "hold",
    "ACCOUNT_SUSPENDED": "hold",
    "ACCOUNT_SENDING_PAUSED": "hold",
    "CONFIGURATION_SET_SENDING_PAUSED": "hold",
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": "hold",
    "FAILED": "unknown",
}


def entry_outcome(status: str, text: str) -> Outcome:
    """What the status of one bulk entry means; one that AWS has not documented is unknown."""
    if status == "MESSAGE_REJECTED" and _is_about_identity(text):
        return "hold"
    return ENTRY_OUTCOMES.get(status, "unknown")


def sort(error: Exception) -> SESError:
    """Our error for anything that a boto3 call may raise."""
    if isinstance(error, SESError):
        return error
    name = type(error).__name__
    if isinstance(error, exceptions.ClientError):
        return _sort_answer(error.response)
    if isinstance(error, exceptions.EndpointConnectionError | exceptions.ConnectTimeoutError):
        return SESError("retry", name, "SES could not be reached; nothing was sent.")
    if isinstance(error, exceptions.ProxyConnectionError):
        return SESError("retry", name, "The proxy to SES could not be reached; nothing was sent.")
    if isinstance(error, exceptions.ParamValidationError):
        return SESError("failed", name, "The request to SES is not valid and was not sent.")
    if isinstance(error, exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return SESError("hold", name, "The certificate of the SES endpoint is not trusted; nothing was sent.")
    if isinstance(error, NOT_SENT):
        return SESError("hold", name, "The AWS credentials, region or endpoint are not usable; nothing was sent.")
    return SESError("unclear", name, "The answer of SES was lost; the mail may or may not have been accepted.")


# Raised before a request leaves the machine.
NOT_SENT = (
    exceptions.NoCredentialsError, exceptions.PartialCredentialsError, exceptions.CredentialRetrievalError,
    exceptions.NoRegionError, exceptions.InvalidRegionError, exceptions.ProfileNotFound, exceptions.NoAuthTokenError,
    exceptions.EndpointProviderError, exceptions.UnknownServiceError, exceptions.InvalidConfigError,
)  # fmt: skip


def _sort_answer(response: dict[str, Any]) -> SESError:
    """An error that AWS answered."""
    error = response.get("Error") or {}
    code, message = str(error.get("Code") or ""), str(error.get("Message") or "")
    status = int((response.get("ResponseMetadata") or {}).get("HTTPStatusCode") or 0)
    if status >= 500 or status in (0, 408) or code in UNCLEAR:
        return SESError("unclear", code, message or f"SES answered {status}.")
    if code in THROTTLING or status == 429:
        if "daily" in message.lower() and "quota" in message.lower():
            return SESError("hold", code, message)
        # One code for all of its names: whoever records it asks for that one, and "too fast" burns no attempt.
        return SESError("retry", TOO_FAST, message if code == TOO_FAST else f"{code}: {message}", throttled=True)
    if code in FAILING or status == 413:
        return SESError("hold" if _is_about_identity(message) else "failed", code, message)
    if code in HOLDING or status in (401, 403, 404):
        return SESError("hold", code, message)
    # A refusal that nobody has described yet: nothing was accepted, and a person should read it.
    return SESError("hold", code or f"http_{status}", message or f"SES answered {status}.")


def _is_about_identity(message: str) -> bool:
    """In the sandbox and for unverified senders SES rejects every message with the same words."""
    return "not verified" in message.lower()
