"""People: users, departments, the roles there are and the devices people log in from."""
