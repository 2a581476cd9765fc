"""Finding the best configuration: what to measure next, when to stop, and why one won.

Knows nothing of the screen and calls no OpenVINO: it looks at snapshots of a session and asks
it for configurations.
"""
