from __future__ import annotations

from django.urls import path

from courses.views import captions, chapters, mine, poster, versions

app_name = "courses"
urlpatterns = [
    path("mine/", mine.lecture_list, name="mine"),
    path("mine/<str:public_id>/", mine.lecture_edit, name="mine-edit"),
    path("mine/<str:public_id>/withdraw/", mine.lecture_withdraw, name="mine-withdraw"),
    path("mine/<str:public_id>/reopen/", mine.lecture_reopen, name="mine-reopen"),
    path("mine/<str:public_id>/delete/", mine.lecture_delete, name="mine-delete"),
    path("lectures/<str:public_id>/captions/", captions.caption_list, name="captions"),
    path("lectures/<str:public_id>/captions/<str:track>/", captions.caption_text, name="caption-text"),
    path("lectures/<str:public_id>/captions/<str:track>/<str:act>/", captions.caption_change, name="caption-change"),
    path("lectures/<str:public_id>/chapters/", chapters.chapter_list, name="chapters"),
    path("lectures/<str:public_id>/chapters.vtt", chapters.chapter_file, name="chapters-vtt"),
    path("lectures/<str:public_id>/poster/", poster.poster, name="poster"),
    path("lectures/<str:public_id>/cut/", versions.cut, name="cut"),
    path("lectures/<str:public_id>/recording/", versions.recording, name="recording"),
    path("lectures/<str:public_id>/recording/<str:asset_id>/", versions.put_back, name="recording-put-back"),
    path("lectures/<str:public_id>/versions/<int:number>/<str:act>/", versions.decide, name="version-decide"),
]
