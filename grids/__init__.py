"""Places: the area tree with its boundaries, locating, coordinates, and who holds which role where."""
