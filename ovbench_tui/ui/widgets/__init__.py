"""Panes, rows and lines that several tabs share."""
