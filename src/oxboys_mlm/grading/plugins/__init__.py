"""What nbgrader calls: see ``oxboys_mlm.nbgrader``."""
