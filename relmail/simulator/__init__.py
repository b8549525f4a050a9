"""Jira, OpenAI and Amazon SES + SNS on loopback, speaking their real protocols to the real client libraries.

The product never imports this package: it is reached over HTTP, and only the settings know its address.
"""
