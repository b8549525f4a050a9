"""Addresses of the audience room."""

from django.urls import path

from campaigns.audience.views import unsubscribe

app_name = "audience"

urlpatterns = [
    path("u/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
]
