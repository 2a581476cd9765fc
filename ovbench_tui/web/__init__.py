"""The same app in a browser page, by textual-serve (extra ``web``)."""
