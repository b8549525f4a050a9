"""Errors in the words of AWS: a code that clients switch on, an HTTP status and a sentence."""

from __future__ import annotations


class AmazonError(Exception):
    """An answer that refuses the request."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def bad_request(message: str) -> AmazonError:
    """BadRequestException: the input is not valid."""
    return AmazonError("BadRequestException", message)


def not_found(message: str) -> AmazonError:
    """NotFoundException: the resource does not exist in this account and Region."""
    return AmazonError("NotFoundException", message, 404)
