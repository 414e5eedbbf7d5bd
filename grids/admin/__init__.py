"""The administration of people and places; one module per kind of row.

People stand here and not beside their model because who may change them hangs on places.
"""

from grids.admin import appointments, areas, audit, departments, duty, staff  # noqa: F401  # registers them
