"""The screen: a Textual app that draws snapshots; never calls OpenVINO."""
