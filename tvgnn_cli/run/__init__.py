"""One run: its share of the machine, what it will hold, its record and its result."""
