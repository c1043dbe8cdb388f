"""The rows of the table: what each does, and what it should come to."""
