"""Every address of relmail. Each room names its own paths; all of them hang from the root."""

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import include, path, reverse_lazy

from relmail import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("login/", auth_views.LoginView.as_view(), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path(
        "password/",
        auth_views.PasswordChangeView.as_view(success_url=reverse_lazy("home")),
        name="password_change",
    ),
    path("", include("releases.urls")),
    path("", include("templates.urls")),
    path("", include("campaigns.audience.urls")),
    path("", include("campaigns.planning.urls")),
    path("", include("campaigns.review.urls")),
    path("", include("campaigns.delivery.urls")),
    path("", include("analytics.urls")),
    path("admin/", admin.site.urls),
]

handler403 = "relmail.views.refused"
handler404 = "relmail.views.not_found"
