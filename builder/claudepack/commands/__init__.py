"""A module per verb: parse the words, call the rooms, report."""
