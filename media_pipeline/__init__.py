"""Bytes → playable: uploads, inspection, ladder, transcoding, packaging, storage. Knows no lecture and no member rules."""
