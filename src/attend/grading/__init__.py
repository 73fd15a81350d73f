"""Grade one submission: run the hidden tests, diagnose failures, carry earlier mistakes forward."""
