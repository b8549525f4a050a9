"""Addresses of the room; each path is whole, such as "templates/"."""

from __future__ import annotations

from django.urls import path

from templates import editing_views, views

app_name = "templates"
urlpatterns = [
    path("templates/", views.overview, name="list"),
    path("templates/new/", editing_views.new_template, name="new"),
    path("templates/<slug:slug>/", views.template, name="template"),
    path("templates/<slug:slug>/draft/", editing_views.draft, name="draft"),
    path("templates/<slug:slug>/draft/begin/", editing_views.begin_draft, name="begin_draft"),
    path("templates/<slug:slug>/draft/try/", editing_views.try_draft, name="try_draft"),
    path("templates/<slug:slug>/<int:number>/", views.version, name="version"),
    path("templates/<slug:slug>/<int:number>/mail/", views.frame, name="frame"),
    path("templates/<slug:slug>/<int:number>/again/", editing_views.publish_again, name="publish_again"),
    path("templates/<slug:slug>/<int:before>/<int:after>/", views.difference, name="difference"),
]
