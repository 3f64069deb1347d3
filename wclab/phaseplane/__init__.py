"""The phase plane."""
