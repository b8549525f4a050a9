"""The door to Amazon SNS: confirm a subscription by its API, in the topic's own Region.

Never by fetching the SubscribeURL of a message, which would let a stranger choose what we fetch.
"""

from __future__ import annotations

from django.conf import settings

from campaigns.delivery.ses import SESError, new_client
from campaigns.delivery.ses_errors import sort

__all__ = ["SESError", "confirm_subscription"]


def confirm_subscription(topic_arn: str, token: str) -> str:
    """ConfirmSubscription from topic and token; returns the subscription's ARN. Raises SESError."""
    try:
        sns = new_client("sns", settings.AWS_SNS_ENDPOINT_URL, region=topic_arn.split(":")[3])
        answer = sns.confirm_subscription(TopicArn=topic_arn, Token=token)
    except Exception as error:
        raise sort(error) from error
    return str(answer.get("SubscriptionArn") or "")
