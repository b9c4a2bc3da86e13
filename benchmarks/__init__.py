"""How long whole processes take and how much memory, against a floor that is measured in the same round."""
