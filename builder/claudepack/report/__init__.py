"""What a run says: text for people, one JSON object for programs."""
