"""Amazon SES v2 and SNS as a WSGI application, and the mailboxes behind them.

`ses.py` answers the API, `mailbox.py` foresees what happens to a message, `events.py` puts it into AWS's
words, `sns.py` signs and delivers it to the product's webhook, `inbox.py` keeps and counts what came.
"""

from relmail.simulator.amazon.application import AmazonSimulator

__all__ = ["AmazonSimulator"]
