"""Looks around in a container as a program of its user would, and prints JSON on standard output.

usage: behaviour.py METADATA-FOLDER... -- SCRIPT...   (names in site-packages, names in the scripts' folder)

Everything runs in a process of its own, without standard input. How long it took is not told.
"""

import importlib.machinery
import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import sysconfig

IMPORT = """
import importlib, sys
try:
    importlib.import_module(sys.argv[1])
except BaseException as e:
    print(f"\\n{type(e).__module__}.{type(e).__qualname__}")
else:
    print("\\nimported")
"""
SEED = {**os.environ, "PYTHONHASHSEED": "0", "COLUMNS": "100", "TERM": "dumb"}


def busy(pid):
    """The processor time that a process has had, in ticks."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return sum(map(int, f.read().rpartition(")")[2].split()[11:15]))
    except OSError:
        return 0


def run(command, limit):
    """Runs a command. One that does nothing any more after the limit is a server, and ended; one that works may take longer."""
    try:
        p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=SEED, cwd="/", start_new_session=True)
    except OSError as e:
        return {"code": type(e).__name__, "out": "", "err": ""}
    worked = 0
    for _ in range(6):
        try:
            out, err = p.communicate(timeout=limit)
            return {"code": p.returncode, "out": out.decode(errors="replace"), "err": err.decode(errors="replace")}
        except subprocess.TimeoutExpired:
            before, worked = worked, busy(p.pid)
            if worked - before < 20:
                break
    os.killpg(p.pid, signal.SIGKILL)
    p.communicate()
    return {"code": "no end", "out": "", "err": ""}


def there(dist):
    """Files of a distribution that exist and are not bytecode, by the rows of its RECORD."""
    return {str(f) for f in dist.files or [] if "__pycache__" not in f.parts and f.locate().exists()}


def metadata():
    found = {}
    for dist in importlib.metadata.distributions():
        name = dist.metadata["Name"]
        assert name not in found, f"two distributions named {name}"
        found[name] = {
            "version": dist.version,
            "files": len(there(dist)),
            "requires": dist.requires,
            "entry points": sorted(f"{e.group}: {e.name} = {e.value}" for e in dist.entry_points),
        }
    return found


def modules(folders):
    suffixes = tuple(importlib.machinery.all_suffixes())
    names = set()
    for folder in folders:
        dist = importlib.metadata.Distribution.at(os.path.join(sysconfig.get_path("purelib"), folder))
        for file in there(dist):
            top, _, rest = file.partition("/")
            if rest and rest.endswith(suffixes) and not top.startswith(".") and "." not in top and "-" not in top:
                names.add(top)
            elif not rest and file.endswith(suffixes):
                names.add(top.partition(".")[0])
    return sorted(names)


def imported(name):
    got = run([sys.executable, "-c", IMPORT, name], 60)
    return {"code": got["code"], "end": got["out"].rstrip("\n").rpartition("\n")[2]}


def main():
    split = sys.argv.index("--")
    bin = sysconfig.get_path("scripts")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    json.dump({
        "pip check": run([*pip, "check"], 120),
        "pip list": run([*pip, "list", "--format=json"], 120),
        "metadata": metadata(),
        "imports": {name: imported(name) for name in modules(sys.argv[1:split])},
        "scripts": {name: run([os.path.join(bin, name), "--help"], 10) for name in sys.argv[split + 1:]},
    }, sys.stdout)


main()
