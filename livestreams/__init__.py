"""Broadcasts and their recordings. Now: a page an editor attaches a recording to; ingest and chat come later."""
