"""Addresses under /api/v1/households and /api/v1/buildings. What goes out is masked; in full only by `reveal`."""
