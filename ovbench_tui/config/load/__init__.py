"""Requests that arrive by themselves: when, and what becomes of those that wait."""
