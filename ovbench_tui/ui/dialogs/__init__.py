"""The dialogs; each is loaded when it is first opened."""
