"""The flow of the end-to-end test: what a small team's first Prefect project looks like."""

import numpy as np
import pandas as pd
import sklearn
from prefect import flow, get_run_logger, task

import seasons
from sales import forecast, history


@task
def load(months: int) -> pd.DataFrame:
    return history.table(months)


@task
def fit(table: pd.DataFrame) -> float:
    return forecast.next_month(table)


@flow
def docker_flow(months: int = 24) -> float:
    table = load(months)
    value = fit(table)
    get_run_logger().info(
        "forecast %.1f for %s from %d months with pandas %s, numpy %s, scikit-learn %s",
        value,
        seasons.of_month(int(table["month"].iloc[-1]) + 1),
        len(table),
        pd.__version__,
        np.__version__,
        sklearn.__version__,
    )
    return value


if __name__ == "__main__":
    docker_flow()
