"""What the house does: weaving what was told, and taking words back. No files, no doors."""
