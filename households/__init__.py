"""Households: who lives where, and what of it may be seen by whom.

Above the matters, like `volunteers`: a household knows the reports linked to it, `reports` knows nothing of households.
"""
