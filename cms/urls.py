from __future__ import annotations

from django.urls import path

from cms import views

app_name = "cms"
urlpatterns = [
    path("", views.home, name="home"),
    path("courses/<str:slug>/", views.course_detail, name="course-detail"),
    path("lectures/", views.lecture_list, name="lecture-list"),
    path("lectures/<str:public_id>/", views.lecture_detail, name="lecture-detail"),
    path("lectures/<str:public_id>/share/", views.share, name="lecture-share"),
    path("topics/<str:slug>/", views.topic_detail, name="topic-detail"),
    path("upload/", views.upload, name="upload"),
]
