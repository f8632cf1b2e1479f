"""News about assets, sent inside the transaction that makes them true. All carry `asset: Asset`."""

from __future__ import annotations

from django.dispatch import Signal

asset_received = Signal()  # its bytes are all there; preparation is queued
asset_ready = Signal()  # verified and published
asset_refused = Signal()  # the file's own fault; asset.refusal says which
texts_changed = Signal()  # its captions, or what was read on its slides
asset_failed = Signal()  # our fault; asset.refusal says what happened

# Another cut of an asset than its own was verified (its package points to it), or could not be made. cut: Cut
cut_ready = Signal()
cut_failed = Signal()
