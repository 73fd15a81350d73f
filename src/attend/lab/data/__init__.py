"""The data that the labs train on: made from a seed or part of the package; nothing is downloaded."""
