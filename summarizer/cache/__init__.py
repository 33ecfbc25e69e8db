"""The summary cache."""
