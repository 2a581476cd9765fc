"""The single lines around the body: header, tabs, status, message, footer."""
