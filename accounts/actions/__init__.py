"""Every write to people, departments and devices."""
