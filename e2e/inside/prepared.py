"""Runs lines of Python in the trees of images and prints how they ended, as JSON on standard output.

usage: prepared.py FOLDER JSON   (a list of {"name", "run"}; FOLDER/NAME is the tree of an image of this container's base)

Importing Prefect takes longer than all else that such a line does, and the base's is in every tree: it is imported once, and
each line gets a process that begins with it and has the tree as its root. Modules that a project hides by its own would be there
before it: such a project is left to a container of its own.
"""

import importlib
import inspect
import json
import os
import shlex
import signal
import sys
import traceback
import types

from prefect.flows import load_flow_from_entrypoint  # noqa: F401

HOME = os.environ["PYTHONPATH"]
LIMIT = 60  # seconds


def hides():
    """Whether a module of the project has the name of one that Prefect or Python has."""
    names = {inspect.getmodulename(name) or name for name in os.listdir(HOME)}
    return any(name in sys.modules or name in sys.stdlib_module_names for name in names)


def line(tree, words):
    """Runs python -c CODE ARGUMENTS... in the tree, as in a new process, and answers its exit status."""
    os.chroot(tree)
    os.chdir(HOME)
    if hides():
        return None
    sys.path[0] = ""
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()
    sys.argv = ["-c", *words[3:]]
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        exec(compile(words[2], "<string>", "exec"), main.__dict__)
    except SystemExit as e:
        return e.code if isinstance(e.code, int) else int(e.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def run(tree, command):
    words = shlex.split(command)
    assert words[:2] == ["python", "-c"], command
    out, into = os.pipe()
    told, tell = os.pipe()
    if (child := os.fork()) == 0:
        os.dup2(into, 1)
        os.dup2(into, 2)
        os.close(out)
        signal.alarm(LIMIT)
        os.write(tell, json.dumps(line(tree, words)).encode())
        sys.stdout.flush()
        os._exit(0)
    os.close(into)
    os.close(tell)
    with open(out, "rb") as f:
        text = f.read()
    with open(told, "rb") as f:
        code = f.read()
    _, status = os.waitpid(child, 0)
    if status:
        return {"code": 1, "out": text.decode(errors="replace") + f"\nended with wait status {status}"}
    return {"code": json.loads(code), "out": text.decode(errors="replace")}


json.dump({p["name"]: run(os.path.join(sys.argv[1], p["name"]), p["run"]) for p in json.loads(sys.argv[2])}, sys.stdout)
