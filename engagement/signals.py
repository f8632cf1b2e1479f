"""News from watching and points, sent inside the transaction that made it."""

from __future__ import annotations

from django.dispatch import Signal

mark_changed = Signal()  # lecture=: a featured mark of it was found, confirmed, declined or withdrawn
points_changed = Signal()  # lecture=: an entry of the ledger was written for it
