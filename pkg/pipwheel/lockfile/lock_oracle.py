"""Says which files packaging selects from pylock files: a JSON line on stdin for each question, one on stdout for each answer."""

import json
import sys
import tomllib

from packaging.pylock import PackageArchive, PackageWheel, Pylock
from packaging.tags import Tag

for text in sys.stdin:
    case = json.loads(text)
    with open(case["lock"], "rb") as f:
        lock = Pylock.from_dict(tomllib.load(f))
    tags = [Tag(*tag.split("-")) for tag in case["tags"]]
    answer = {"files": [], "error": ""}
    try:
        for package, file in lock.select(environment=case["environment"], tags=tags, extras=case["extras"], dependency_groups=case["groups"]):
            if not isinstance(file, (PackageWheel, PackageArchive)):
                raise ValueError(f"{package.name}: {type(file).__name__}")
            name = file.filename if isinstance(file, PackageWheel) else (file.url or file.path).rsplit("/", 1)[-1]
            answer["files"].append(f"{package.name} {name} {sorted(file.hashes.items())[0][1]}")
        answer["files"].sort()
    except Exception as e:
        answer["error"] = f"{type(e).__name__}: {e}"
    print(json.dumps(answer), flush=True)
