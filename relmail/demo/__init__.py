"""The story that `manage.py demo` tells: one release from Jira to inboxes, and a second one left for a person.

Everything here uses the product's own verbs, as people and the timetable do. The product knows nothing of it.
"""
