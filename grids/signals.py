"""What places tell the apps above them."""

from django.dispatch import Signal

# An area was put under another parent, inside the transaction. Sends: area, old_path (its materialised path before).
area_moved = Signal()

# How much a person still has in hand is asked. Sends: person. A receiver answers with a number.
open_work_asked = Signal()

# What a person has in hand is to go to others. Sends: person, by, to (None: back to the units). Receivers may refuse.
work_handed_over = Signal()
# Somebody no longer holds a role somewhere, inside the transaction. Sends: appointment.
appointment_ended = Signal()
