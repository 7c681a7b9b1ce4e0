"""What things cost."""

PRICES = [("kettle", 30), ("toaster", 25), ("coffee grinder", 45)]
