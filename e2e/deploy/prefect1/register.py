"""Tells Prefect 1 of a flow that others put into an image: register(build=False) sends what is printed here.

Arguments: registry, image name, tag, path of the script in the image, or - for a flow saved as etl.prefect.
"""

import json
import sys

from etl import flow
from prefect.storage import Docker

registry, name, tag, script = sys.argv[1:]
if script == "-":
    flow.save("etl.prefect")
    storage = Docker(registry_url=registry, image_name=name, image_tag=tag)
else:
    storage = Docker(registry_url=registry, image_name=name, image_tag=tag, stored_as_script=True, path=script)
storage.add_flow(flow)
flow.storage = storage
print(json.dumps(flow.serialize()["storage"]))
