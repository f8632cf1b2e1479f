from __future__ import annotations

from django.urls import path

from study_sessions import views

app_name = "study_sessions"
urlpatterns = [
    path("sessions/", views.session_list, name="session-list"),
    path("sessions/new/", views.session_new, name="session-new"),
    path("sessions/<str:public_id>/", views.session_detail, name="session-detail"),
    path("sessions/<str:public_id>/edit/", views.session_edit, name="session-edit"),
    path("sessions/<str:public_id>/cancel/", views.session_cancel, name="session-cancel"),
]
