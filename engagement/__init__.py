"""What was really watched and shared, and what comes of it: viewings, shares, the points ledger, featured lectures."""
