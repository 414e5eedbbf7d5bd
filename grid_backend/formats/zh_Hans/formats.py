"""Times as they stand everywhere here: to the minute, the year first, short enough for a phone."""

DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i"
