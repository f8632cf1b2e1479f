"""Bytes → playable: uploads, inspection, ladder, encoding, packaging, storage. Knows no lecture and no role."""
