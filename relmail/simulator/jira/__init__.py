"""A Jira on loopback that the real `jira` library can talk to, as Cloud or as Data Center."""

from relmail.simulator.jira.app import JiraSimulator
from relmail.simulator.jira.data import JiraData, JiraDataError, load, load_demo, move_ahead
from relmail.simulator.jira.webhooks import WebhookTarget

__all__ = ["JiraData", "JiraDataError", "JiraSimulator", "WebhookTarget", "load", "load_demo", "move_ahead"]
