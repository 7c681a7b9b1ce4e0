"""Orders, each morning."""

from prefect import flow
from shared import meant


@flow(log_prints=True)
def main() -> str:
    print("ordered today:", found := meant("toster"))
    return found
