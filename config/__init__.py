"""The composition root: settings, addresses, doors, schedule, demo content. Only here may everything be imported."""
