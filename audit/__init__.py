"""Who did what to what. Append-only; also the insert-only guard other apps put on their tables."""
