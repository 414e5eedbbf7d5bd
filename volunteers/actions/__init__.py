"""Every write about volunteers."""
