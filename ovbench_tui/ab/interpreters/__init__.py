"""One model with two versions of OpenVINO, each in a Python interpreter of its own."""
