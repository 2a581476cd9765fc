"""Live benchmark monitor for OpenVINO models in the terminal."""

__version__ = "0.1.0"
