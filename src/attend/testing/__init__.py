"""What a test file uses: checks, fixtures, verdicts, and the names of known mistakes."""
