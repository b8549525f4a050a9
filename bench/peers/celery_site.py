"""Celery with one task per e-mail: the usual way to send from a Django site in the background.

The task is as lean as it can be: no ORM, one boto3 client per process, SendEmail with finished content. The queue is
Redis and results are off.
"""

from __future__ import annotations

import functools
import os
from typing import Any

from celery import Celery

from bench import mail
from bench.peers import boto3_loop
from bench.process import Start

app = Celery("bench_peer", broker=os.environ.get("BENCH_REDIS_URL", "redis://127.0.0.1:6379/9"))
app.conf.update(
    task_ignore_result=True,
    task_default_queue=os.environ.get("BENCH_QUEUE", "relmail_bench"),
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
)


@functools.cache
def client() -> Any:
    """The boto3 client of this process."""
    return boto3_loop.client()


@app.task
def send(number: int) -> None:
    """One e-mail to one person."""
    body = {"Text": {"Data": mail.filled(mail.TEXT, number)}, "Html": {"Data": mail.filled(mail.HTML, number)}}
    client().send_email(
        FromEmailAddress=mail.SENDER,
        Destination={"ToAddresses": [mail.address(number)]},
        Content={
            "Simple": {
                "Subject": {"Data": mail.SUBJECT}, "Body": body, "Headers": mail.pairs(mail.headers(number)),
            }
        },
        EmailTags=mail.pairs(mail.tags(number)),
    )  # fmt: skip


def queue(start: Start, *, messages: int) -> dict[str, Any]:
    """Empty the queue and put one task per message into it."""
    app.control.purge()
    start()
    with app.producer_pool.acquire() as producer:
        for number in range(messages):
            send.apply_async((number,), producer=producer)
    return {"queued": messages}
