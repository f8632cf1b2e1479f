from __future__ import annotations

from django.urls import path

from courses import views

app_name = "courses"
urlpatterns = [
    path("mine/", views.lecture_list, name="mine"),
    path("mine/<str:public_id>/", views.lecture_edit, name="mine-edit"),
    path("mine/<str:public_id>/withdraw/", views.lecture_withdraw, name="mine-withdraw"),
    path("mine/<str:public_id>/reopen/", views.lecture_reopen, name="mine-reopen"),
    path("mine/<str:public_id>/delete/", views.lecture_delete, name="mine-delete"),
]
