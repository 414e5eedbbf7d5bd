"""Every write about households, one function each; nobody else saves these rows."""
