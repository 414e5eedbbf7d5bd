"""What matters tell the apps above them."""

from django.dispatch import Signal

# The demonstration's places, people and (if asked for) the last days of its past are loaded, at the moment `end`.
# Sends: end (aware), password (hashed, shared by all its people).
demo_loaded = Signal()
