"""Every write of this app: erasing people, and ending what is kept no longer."""
