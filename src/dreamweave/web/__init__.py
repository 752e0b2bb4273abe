"""The doors and the pages: what comes in over HTTP, and what goes out."""
