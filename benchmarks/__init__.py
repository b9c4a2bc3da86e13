"""How long whole processes take, as ratios to a floor that is measured in the same run."""
