"""The user's own program: run it, record its calls of OpenVINO, and say where its time goes."""
