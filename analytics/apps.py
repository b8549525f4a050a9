"""Django's record of the app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """The app "analytics"."""

    name = "analytics"
    verbose_name = "Events, figures and alerts"
    default_auto_field = "django.db.models.BigAutoField"
