"""Breaks right scripts by one edit, keeps what is really wrong when run, and asks gradlint for the line."""
