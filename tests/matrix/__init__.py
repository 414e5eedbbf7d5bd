"""Every endpoint of the API for everybody: who may, who may not, and who does not even learn that it exists.

Read a row as: these succeed, these see it and are refused (403), everyone else hears that there is no such thing (404),
and one who is not logged in is asked to log in (401). A new endpoint without a row fails the suite.
"""

from tests.matrix.desk import DESK
from tests.matrix.households import HOUSEHOLDS
from tests.matrix.matters import MATTERS
from tests.matrix.rows import Row
from tests.matrix.volunteers import VOLUNTEERS

MATRIX: dict[str, Row] = {**DESK, **MATTERS, **VOLUNTEERS, **HOUSEHOLDS}
