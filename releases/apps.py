"""Django's record of the app."""

from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    """The app "releases"."""

    name = "releases"
    default_auto_field = "django.db.models.BigAutoField"
