"""One line of JSON per log record, or a readable line on a terminal."""

import re
import sys
from typing import Any

import structlog

# Whoever knows a tracking code may see its matter, so it stands in no log: not in the path of a request, nor in what
# Django itself says of one that failed.
TRACKING_CODE = re.compile(r"(?<=/t/)[^/\s]+")


def _without_codes(_logger: Any, _method: str, said: Any) -> Any:
    for name in ("event", "path"):
        if isinstance(said.get(name), str):
            said[name] = TRACKING_CODE.sub("…", said[name])
    return said


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
    _without_codes,
]


def formatter() -> structlog.stdlib.ProcessorFormatter:
    """The formatter named in settings.LOGGING; also points structlog at the standard library."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    terminal = sys.stderr.isatty()
    last = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(ensure_ascii=False)
    chain: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if not terminal:
        chain.append(structlog.processors.format_exc_info)
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=[*chain, last])
