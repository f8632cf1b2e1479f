"""Lectures and topics (rows), catalogue and courses (Wagtail pages)."""

from courses.models.lectures import Lecture, LectureEvent, Topic
from courses.models.pages import CataloguePage, CourseItem, CoursePage
from courses.models.versions import Version

__all__ = ["CataloguePage", "CourseItem", "CoursePage", "Lecture", "LectureEvent", "Topic", "Version"]
