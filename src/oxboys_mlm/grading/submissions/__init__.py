"""What was handed in, read as data, and the notebook that is run in its place."""
