"""Contacts from a CSV file: read it (file), check each row (row), write in sets (writing), tell about it (report)."""

from campaigns.audience.importing.file import MAX_BYTES, FileRefused
from campaigns.audience.importing.run import import_contacts

__all__ = ["MAX_BYTES", "FileRefused", "import_contacts"]
