"""HTTP for places: the area tree, locating, and what the caller may do where."""
