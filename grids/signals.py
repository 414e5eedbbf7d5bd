"""What places tell the apps above them."""

from django.dispatch import Signal

# An area was put under another parent, inside the transaction. Sends: area, old_path (its materialised path before).
area_moved = Signal()
# Somebody no longer holds a role somewhere, inside the transaction. Sends: appointment.
appointment_ended = Signal()
