"""How personal data looks to those who need not see it."""


def mask_name(name: str) -> str:
    """张三 → 张*; empty stays empty."""
    return name[:1] + "*" * (len(name) - 1) if len(name) > 1 else ("*" if name else "")


def mask_phone(phone: str) -> str:
    """13812345678 → 138****5678; shorter numbers keep their last two digits."""
    if len(phone) >= 11:
        return f"{phone[:3]}****{phone[-4:]}"
    return "*" * max(len(phone) - 2, 0) + phone[-2:] if phone else ""


def mask_document(number: str) -> str:
    """371082199001011232 → 3710************32; shorter numbers keep their first and last character."""
    if len(number) >= 12:
        return f"{number[:4]}{'*' * (len(number) - 6)}{number[-2:]}"
    return number[:1] + "*" * (len(number) - 2) + number[-1:] if len(number) > 2 else "*" * len(number)
