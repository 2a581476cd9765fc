"""The Textual app: keys, commands, frame budget, preferences."""
