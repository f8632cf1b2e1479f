"""People, the organisation tree, roles and sign-in. Knows nothing of lectures."""
