"""The rules, a module for each group; what a rule's docstring says is its page in the docs."""
