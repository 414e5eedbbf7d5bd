"""The demonstration: three real streets of Weihai with invented people, and their last weeks lived through the real
actions with a moved clock. Nothing in the product imports this package; `manage.py load_demo` does."""
