"""Another flow of the project, in a folder of its own."""

from prefect import flow, get_run_logger
from tabulate import tabulate

from shop.names import PRODUCTS


@flow
def weekly() -> None:
    table = tabulate([[p, len(p)] for p in PRODUCTS], tablefmt="plain")
    get_run_logger().info("weekly report of %d lines", len(table.split("\n")))
