"""HTTP for auditors."""
