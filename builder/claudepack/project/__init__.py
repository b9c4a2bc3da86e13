"""What a project says and holds: manifest, lock, the disk."""
