"""What one page shows of several apps: home, topic, course, watch; the editors' desk in Wagtail's admin."""
