"""The project of docs/journeys: one flow, one task, and a package that no base has."""

import sys

import rapidfuzz
from prefect import flow, get_run_logger, task


@task
def meant(word: str) -> str:
    return rapidfuzz.process.extractOne(word, ["kettle", "toaster", "coffee grinder"])[0]


@flow
def etl(word: str = "ketle") -> str:
    found = meant(word)
    get_run_logger().info("%s is sold by Python %s.%s", found, *sys.version_info[:2])
    return found
