"""Every write to places and appointments."""
