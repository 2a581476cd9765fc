"""The selector of the configuration: its rows and what each can be set to."""
