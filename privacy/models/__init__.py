"""`Tombstone`, what remains of a person who was erased."""

from privacy.models.tombstones import Tombstone

__all__ = ["Tombstone"]
