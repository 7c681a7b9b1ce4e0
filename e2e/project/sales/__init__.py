"""What was sold, and what will be."""
