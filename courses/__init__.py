"""Lectures, topics, course and catalogue pages; who may see what."""
