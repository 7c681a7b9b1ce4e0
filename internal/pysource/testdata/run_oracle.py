"""Runs programs, one a line as JSON text, and writes what became of each: the module whose import failed, or
the names that are left. Modules whose name begins with "lack" are not there, those with "have" are."""

import importlib.abc
import importlib.machinery
import json
import sys


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name.startswith("have"):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def exec_module(self, module):
        module.x = 1


sys.meta_path.insert(0, Finder())
for line in sys.stdin:
    names = {"__name__": "flow"}
    out = {"failed": "", "names": []}
    try:
        exec(compile(json.loads(line), "flow.py", "exec"), names)
    except ModuleNotFoundError as e:
        out["failed"] = e.name
    except SystemExit:
        out["failed"] = "exit"
    else:
        out["names"] = sorted(set(names) - {"__name__", "__builtins__"})
    for name in [n for n in sys.modules if n.startswith("have")]:
        del sys.modules[name]
    print(json.dumps(out), flush=True)
