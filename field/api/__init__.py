"""HTTP for the phone."""
