"""Build and prove the course: stubs, audit, releases, sample classes, new topics, notebooks, fingerprints."""
