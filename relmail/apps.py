"""Django's record of the app."""

from django.apps import AppConfig


class RelmailConfig(AppConfig):
    """The app "relmail"."""

    name = "relmail"
    default_auto_field = "django.db.models.BigAutoField"
