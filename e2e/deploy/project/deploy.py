"""Deploys a flow in the image named, as Prefect's documentation shows it: no build, no push."""

import sys

from flows import orders

if __name__ == "__main__":
    orders.deploy(name="scripted", work_pool_name="shop", image=sys.argv[1], build=False, print_next_steps=False)
