"""What the API says of a report and all that hangs on it."""
