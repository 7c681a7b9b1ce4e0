"""A flow of Prefect 1, as its documentation of Docker storage shows one."""

import prefect
from prefect import Flow, task

from prices import PRICES


@task
def total(prices):
    prefect.context.get("logger").info("%d products cost %d", len(prices), sum(prices))
    return sum(prices)


with Flow("Shop: prices") as flow:
    total([price for _, price in PRICES])
