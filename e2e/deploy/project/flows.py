"""A flow of the project that is deployed: it reads a file beside it, and has a task."""

from pathlib import Path

from prefect import flow, get_run_logger, task

from shop import names


@task
def read(days: int) -> list[str]:
    return Path("orders.txt").read_text().split("\n")[:days]


@flow
def orders(days: int = 2) -> str:
    found = ", ".join(names.meant(line) for line in read(days))
    get_run_logger().info("orders of %d days: %s", days, found)
    return found
