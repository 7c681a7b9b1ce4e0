"""Makes stdlib.txt: python3 stdlib.py PYTHON... > ../stdlib.txt

One interpreter of each minor version, full builds for Linux, in any order. Where there is no interpreter,
a JSON file may stand for it: [version, sys.stdlib_module_names]. Each line is a top-level module, the first
and the last minor version of Python 3 that has it (the oldest and newest asked stand for all before and
after), and the platform if only one has it.
"""

import json
import subprocess
import sys

ASK = r"""
import json, os, pkgutil, sys, sysconfig
names = getattr(sys, "stdlib_module_names", None)
if names is None:
    dirs = [sysconfig.get_path("stdlib"), sysconfig.get_config_var("DESTSHARED")]
    names = set(sys.builtin_module_names) | {m[1] for m in pkgutil.iter_modules(dirs)}
print(json.dumps([sys.version.split()[0], sorted(names)]))
"""

# What only Windows and macOS have; listed by sys.stdlib_module_names everywhere since 3.10.
WINDOWS = "_msi _overlapped _winapi _winreg _wmi msilib msvcrt nt winreg winsound".split()
DARWIN = ["_scproxy"]

# Frozen into every interpreter, listed since 3.10.
FROZEN = ["_frozen_importlib", "_frozen_importlib_external"]

# Modules of Linux that an interpreter may have been built without.
OPTIONAL = ("_bz2 _crypt _ctypes _curses _curses_panel _dbm _gdbm _hashlib _lzma _sqlite3 _ssl _tkinter nis ossaudiodev "
            "readline spwd").split()


def internal(name):
    """What is for CPython's own tests, or is no module that anyone imports."""
    return (
        name in "test xxlimited xxlimited_35 xxsubtype __phello__ __hello__ __main__ sitecustomize".split()
        or name.startswith(("_test", "_xx", "_sysconfigdata", "config-", "_ctypes_test"))
        or not name.isidentifier()
    )


have = {}
for arg in sys.argv[1:]:
    if arg.endswith(".json"):
        with open(arg) as f:
            version, names = json.load(f)
    else:
        version, names = json.loads(subprocess.check_output([arg, "-I", "-c", ASK]))
    minor = int(version.split(".")[1])
    have[minor] = {n for n in names if not internal(n)}

first, last = min(have), max(have)
listed = min(m for m in have if m >= 10)
for minor in have:
    if minor < 10:
        have[minor] |= set(OPTIONAL + WINDOWS + DARWIN + FROZEN) & have[listed]
for name in sorted(set().union(*have.values())):
    versions = [m for m in sorted(have) if name in have[m]]
    if versions != [m for m in sorted(have) if versions[0] <= m <= versions[-1]]:
        sys.exit("%s comes and goes: %s" % (name, versions))
    platform = "win32" if name in WINDOWS else "darwin" if name in DARWIN else ""
    print(("%s %d %d %s" % (name, versions[0], versions[-1], platform)).rstrip())
