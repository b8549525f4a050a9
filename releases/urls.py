"""Addresses of the room; each path is whole, such as "releases/"."""

from __future__ import annotations

from django.urls import path

from releases import product_views, views

app_name = "releases"
urlpatterns = [
    path("releases/", views.release_list, name="list"),
    path("releases/<int:pk>/", views.release_page, name="release"),
    path("releases/<int:pk>/sync/", views.sync_release, name="sync"),
    path("releases/products/add/", product_views.add, name="add_product"),
    path("releases/products/<int:pk>/", product_views.product, name="product"),
    path("releases/products/<int:pk>/mapping/", product_views.mapping, name="mapping"),
    path("releases/products/<int:pk>/sync/", views.sync_product, name="sync_product"),
    path("releases/issues/<int:pk>/visibility/", views.set_visibility, name="visibility"),
    path("hooks/jira/", views.jira_webhook, name="jira_webhook"),
]
