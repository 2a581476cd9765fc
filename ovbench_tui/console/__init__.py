"""Text for people: number formats, printable names, messages on stderr."""
