from __future__ import annotations

from django.urls import path

from engagement import views

app_name = "engagement"
urlpatterns = [
    path("points/", views.points, name="points"),
    path("featured/", views.featured_lectures, name="featured"),
    path("s/<str:code>", views.share, name="share"),
    path("s/<str:code>/qr.svg", views.share_qr, name="share-qr"),
]
