"""The bare loop: boto3 and SendBulkEmail of 50, nothing stored, nobody asked. What relmail can at best come near to.

The same time-outs and the same switched-off retries as relmail's door; everything else as boto3 comes, its check of
parameters included.
"""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from bench import mail
from bench.process import Start


def client() -> Any:
    """A boto3 client for the sink."""
    import boto3
    from botocore.config import Config

    config = Config(
        retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=3, read_timeout=10,
        max_pool_connections=64,
    )  # fmt: skip
    return boto3.session.Session().client(
        "sesv2", region_name=os.environ["AWS_REGION"], endpoint_url=os.environ["AWS_SES_ENDPOINT_URL"], config=config
    )


def work(start: Start, *, messages: int, first: int = 0, threads: int = 1) -> dict[str, Any]:
    """Send so many messages, 50 a call, by one loop or by so many threads that are fed one call each."""
    ses = client()
    ses.get_account()

    def send(number: int) -> int:
        answer = ses.send_bulk_email(**mail.bulk_request(min(50, messages - number), first + number))
        return sum(entry["Status"] == "SUCCESS" for entry in answer["BulkEmailEntryResults"])

    numbers = range(0, messages, 50)
    start()
    if threads == 1:
        return {"accepted": sum(send(number) for number in numbers)}
    accepted = 0
    open_calls: set[Future[int]] = set()
    with ThreadPoolExecutor(threads) as pool:
        for number in numbers:
            if len(open_calls) >= 2 * threads:
                done, open_calls = wait(open_calls, return_when=FIRST_COMPLETED)
                accepted += sum(call.result() for call in done)
            open_calls.add(pool.submit(send, number))
        accepted += sum(call.result() for call in open_calls)
    return {"accepted": accepted}
