"""Pages: documents that work without a script. Each reads, asks the house, and shows."""
