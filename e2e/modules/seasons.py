"""Reached through PYTHONPATH alone: it lies outside the project, and outside it in the image."""


def of_month(month: int) -> str:
    return ("winter", "spring", "summer", "autumn")[month % 12 // 3]
