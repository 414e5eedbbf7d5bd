"""HTTP for matters: thin views over `reports.access` (reads) and `reports.actions` (writes)."""
