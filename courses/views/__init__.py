"""The pages of this app, by what they are about."""
