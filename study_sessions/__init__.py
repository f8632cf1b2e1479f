"""Branches studying together. Planned now; watching in step and attendance come with their own work."""
