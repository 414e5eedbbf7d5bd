"""The phone: what somebody in the field needs without a signal, in one answer, and the pages of the field app.

Above households and reports; nothing imports it. It reads what the doors below let its caller see, and writes nothing.
"""
