"""Django's record of the app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """The app "analytics"."""

    name = "analytics"
    default_auto_field = "django.db.models.BigAutoField"
