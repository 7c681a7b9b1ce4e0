"""Answers questions about tags and wheel file names with pypa's packaging: JSON lines in, JSON lines out."""

import json
import sys
import sysconfig

from packaging import _manylinux, _musllinux, tags, utils

_manylinux._is_linux_armhf = lambda executable: True
_manylinux._is_linux_i686 = lambda executable: True
_manylinux._get_manylinux_module = lambda: None


def platforms(t):
    """The platform tags of another Linux than this one, from packaging's own functions."""
    libc = (t["libc_major"], t["libc_minor"])
    glibc = libc if t["libc_kind"] == "glibc" else (-1, -1)
    musl = _musllinux._MuslVersion(*libc) if t["libc_kind"] == "musl" else None
    _manylinux._get_glibc_version = lambda: glibc
    _musllinux._get_musl_version = lambda executable: musl
    sysconfig.get_platform = lambda: "linux-" + t["machine"]
    return list(tags._linux_platforms(is_32bit=False))


def supported(t):
    version = (t["major"], t["minor"])
    nodot = "%d%d" % version
    config = {
        "Py_DEBUG": int(t["debug"]),
        "Py_GIL_DISABLED": int(t["free_threaded"]),
        "WITH_PYMALLOC": 1,
        "Py_UNICODE_SIZE": 4,
        "EXT_SUFFIX": ".pypy%s-pp73-x86_64-linux-gnu.so" % nodot,
    }
    tags._get_config_var = lambda name, warn=False: config.get(name)
    plats = platforms(t)
    if t["implementation"] == "cpython":
        abis = tags._cpython_abis(version)
        yield from tags.cpython_tags(version, abis, plats)
        yield from tags.compatible_tags(version, "cp" + nodot, plats)
    else:
        yield from tags.generic_tags("pp" + nodot, tags._generic_abi(), plats)
        yield from tags.compatible_tags(version, "pp3", plats)


def filename(name, ranks):
    try:
        project, version, build, tagset = utils.parse_wheel_filename(name)
    except ValueError:  # InvalidWheelFilename, and what escapes it
        return {"ok": False}
    found = [ranks[t] for t in tagset if t in ranks]
    return {
        "ok": True,
        "name": project,
        "version": str(version),
        "build": [str(build[0]), build[1]] if build else None,
        "tags": sorted(map(str, tagset)),
        "rank": min(found) if found else -1,
    }


def build_key(build):
    return utils.parse_wheel_filename("a-1-%spy3-none-any.whl" % (build + "-" if build else ""))[2]


def main():
    ranks = {}
    for line in sys.stdin:
        q = json.loads(line)
        if "target" in q:
            listed = list(supported(q["target"]))
            ranks = {}
            for i, t in enumerate(listed):
                ranks.setdefault(t, i)
            answer = [str(t) for t in listed]
        elif "filename" in q:
            answer = filename(q["filename"], ranks)
        else:
            a, b = map(build_key, q["builds"])
            answer = (a > b) - (a < b)
        print(json.dumps(answer))


main()
