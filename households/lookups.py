"""What of a person is hashed with a key, so that they are found again by number (`core.encryption`)."""


def document_key(number: str) -> str:
    """What of a tidy document number is hashed; apart from phones, which are digits too."""
    return f"document:{number}" if number else ""
