"""What goes between the client and the engines: messages, and the files of a model."""
