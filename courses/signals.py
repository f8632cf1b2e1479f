"""News about lectures and topics, sent inside the transaction that makes them true."""

from __future__ import annotations

from django.dispatch import Signal

# After every change of a lecture's row, also those the two below name. lecture: Lecture
lecture_changed = Signal()
# It came out, for the first time or again. lecture: Lecture
lecture_published = Signal()
# It was taken away after it was approved or out. lecture: Lecture
lecture_withdrawn = Signal()
# A draft was deleted; the row is gone already. lecture: Lecture
lecture_deleted = Signal()
# It shows another cut, or another recording. lecture: Lecture, before: Cut | None, cut: Cut
lecture_recorded = Signal()
# Its name, address, description or place changed, or it is new. topic: Topic
topic_changed = Signal()
