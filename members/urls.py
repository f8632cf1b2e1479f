"""The addresses of signing in and of how one wants to read."""

from __future__ import annotations

from django.urls import path

from members import views

app_name = "members"
urlpatterns = [
    path("sign-in/", views.sign_in_page, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("preferences/language/", views.language, name="language"),
    path("preferences/text-size/", views.text_size, name="text-size"),
    path("preferences/theme/", views.theme, name="theme"),
]
