"""Stock, each hour."""

from prefect import flow
from shared import meant


@flow(log_prints=True)
def main() -> str:
    print("short of:", found := meant("ketle"))
    return found
