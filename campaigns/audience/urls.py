"""Addresses of the audience room."""

from django.urls import path

from campaigns.audience.views import clients, contacts, home, imports, lists, suppressions, unsubscribe

app_name = "audience"

urlpatterns = [
    path("audience/", home.home, name="home"),
    path("audience/contacts/", home.contacts, name="contacts"),
    path("audience/contacts/<int:pk>/", contacts.show, name="contact"),
    path("audience/contacts/<int:pk>/change/", contacts.change, name="change_contact"),
    path("audience/contacts/<int:pk>/subscribe/", contacts.subscribe, name="subscribe_contact"),
    path("audience/contacts/<int:pk>/unsubscribe/<int:product_pk>/", contacts.unsubscribe, name="unsubscribe_contact"),
    path("audience/contacts/<int:pk>/erase/", contacts.erase, name="erase_contact"),
    path("audience/clients/", clients.index, name="clients"),
    path("audience/clients/<int:pk>/", clients.show, name="client"),
    path("audience/lists/<int:pk>/", lists.show, name="list"),
    path("audience/lists/<int:pk>/remove/<int:contact_pk>/", lists.remove, name="remove_from_list"),
    path("audience/imports/", imports.index, name="imports"),
    path("audience/imports/<int:pk>/", imports.show, name="import"),
    path("audience/imports/<int:pk>/confirm/", imports.confirm, name="confirm_import"),
    path("audience/imports/<int:pk>/report.csv", imports.report, name="import_report"),
    path("audience/suppressions/", suppressions.index, name="suppressions"),
    path("audience/suppressions/<int:pk>/lift/", suppressions.lift, name="lift_suppression"),
    path("u/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
]
