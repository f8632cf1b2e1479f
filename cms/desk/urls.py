"""The desk's addresses, below /admin/. Wagtail lets only those with access to its admin come this far."""

from __future__ import annotations

from django.urls import path

from cms.desk import featured, operations, recordings, review, rules

app_name = "desk"
urlpatterns = [
    path("review/", review.review_list, name="review-list"),
    path("review/<str:public_id>/", review.review_item, name="review-item"),
    path("review/<str:public_id>/preview/", review.review_preview, name="review-preview"),
    path("review/<str:public_id>/stages/<int:job_id>/", review.review_retry, name="review-retry"),
    path("review/<str:public_id>/<str:move>/", review.review_move, name="review-move"),
    path("featured/", featured.featured_list, name="featured"),
    path("featured/<int:mark_id>/<str:decision>/", featured.featured_decide, name="featured-decide"),
    path("rules/", rules.rules_edit, name="rules"),
    path("livestreams/", recordings.recording_list, name="recording-list"),
    path("livestreams/<int:page_id>/recording/", recordings.recording, name="recording"),
    path("livestreams/<int:page_id>/recording/<str:change>/", recordings.recording_change, name="recording-change"),
    path("operations/", operations.operations, name="operations"),
    path("operations/<int:job_id>/retry/", operations.operations_retry, name="operations-retry"),
]
