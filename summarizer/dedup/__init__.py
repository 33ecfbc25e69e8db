"""Duplicate removal: repeats inside one article, and stories across many."""
