"""What the lab's models learn from: made from a seed or shipped here, never downloaded."""
