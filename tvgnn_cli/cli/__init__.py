"""The command line: it parses, calls the API and prints. One command per file."""
