"""What would fail silently, or do harm: rules with stable codes, over packs and over what a project has."""
