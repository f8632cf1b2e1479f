"""The editors' desk, inside Wagtail's admin: review, featured candidates, the rule set, topics, recordings."""
