"""Which product a customer meant."""

from rapidfuzz import process

PRODUCTS = ["kettle", "toaster", "coffee grinder"]


def meant(written: str) -> str:
    return process.extractOne(written, PRODUCTS)[0]
