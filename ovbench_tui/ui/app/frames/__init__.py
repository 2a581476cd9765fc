"""What drawing costs, and who writes the frames to the terminal."""
