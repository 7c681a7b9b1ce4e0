"""Writes requirement files into the folder it is started in and says, a JSON line each, how pip reads them."""

import json
import logging
import os
import random
import sys
import types

from pip._internal.index.collector import LinkCollector
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.format_control import FormatControl
from pip._internal.models.release_control import ReleaseControl
from pip._internal.models.search_scope import SearchScope
from pip._internal.models.selection_prefs import SelectionPreferences
from pip._internal.network.session import PipSession
from pip._internal.req.constructors import install_req_from_parsed_requirement
from pip._internal.req.req_file import parse_requirements
from pip._internal.req.req_install import check_invalid_constraint_type

logging.disable(logging.CRITICAL)
rng = random.Random(4242)
SHA = {"sha256": 64, "sha384": 96, "sha512": 128}


def digest():
    name = rng.choice(list(SHA))
    return name + ":" + "".join(rng.choice("0123456789abcdefAB") for _ in range(SHA[name]))


NAMES = ["pandas", "Django", "zope.interface", "ruamel_yaml", "a", "scikit-learn", "Foo__Bar", "x" * 30]
SPECS = ["", "", "==1.0", ">=1,<2", "~=3.4.1", "!=2.0.*", " >= 2", "===1.0+local", "(>=1.0)", ">=1,", "==1.0.post1", ">= 2 , < 3"]
MARKS = ["", "", "", '; python_version < "3.9"', " ; sys_platform == 'win32' and extra == 'x'", ';python_version>="3"', '; os_name == "a b"', ";"]
EXTRAS = ["", "", "[a]", "[b, A_x]", "[]", " [z,z]"]
BAD = ["pandas=1", "== 1", "foo bar", "foo @", "pandas >= x", "a; nothing == '1'", "--nothing", "--re x", "--hash=md5:00 a", "-i", "--pre=1",
       "a --hash=sha256", 'a --hash="sha256:00', "--no-binary=-x", "-e", "a#b", "./bad.whl", "a${lower}", "${EMPTY}a", "${CHAIN}", "f\x85g", "d \u2028 e", "b\x0bc d", "https://host/x.whl", "ftp2://x/y",
       "a; extras == 'x'", "[x]", "a[", "--hash", "-r", "-x", "a -", "a --"]
LINKS = ["https://host/d/pandas-1.0-py3-none-any.whl", "https://u:p@host/a_b-2.0%2Blocal-1-py2.py3-none-any.whl#sha256=" + "0" * 64,
         "https://host/x.tar.gz#egg=named", "git+https://host/r.git@v1#egg=repo", "file:///tmp/q-1-py3-none-any.whl",
         "git+ssh://git@host/r.git", "https://host/plain", "https://host/pandas-1.0-py3-none-any.whl?x=1#subdirectory=s&sha512=" + "1" * 128,
         "HTTPS://host/pandas-1.0-py3-none-any.whl", "svn+svn://h/x#egg=svnx"]
PATHS = ["./w/local_one-1.2-py3-none-any.whl", "local_two-3-cp311-cp311-linux_x86_64.whl[x,Y]", "./proj", "proj/", "./proj[dev]", "missing-1.0.tar.gz",
         "w/../w/local_one-1.2-py3-none-any.whl ; python_version > '3'", "./old.zip"]
OPTIONS = ["-i https://i{n}/simple", "--index-url=https://j{n}", "--extra-index-url https://e{n}", "--extra-index https://f{n}", "--no-index",
           "-f ./links", "-f https://l{n}", "--find-links=elsewhere{n} -f second", "--trusted-host h{n}", "--pre", "--prefer-binary", "--only-binary a,B_c",
           "--only-binary=:all:", "--no-binary :none:", "--no-binary pandas,:all:,x,:none:,y", "--require-hashes", "--no-require-hashes", "--all-releases pandas",
           "--only-final=:all:", "--pypi-url https://p{n} --extra-index-url 'https://q{n}/a b'", "-ihttps://short{n}", "--pre --no-index -f links word",
           "--use-feature fast-deps", "--hash=sha256:" + "2" * 64, "-- -i x", "--only-bin z --only-binary z2", "--all-releases=:none: --only-final Q_q"]


def requirement():
    kind = rng.random()
    if kind < 0.55:
        text = rng.choice(NAMES) + rng.choice(EXTRAS) + rng.choice(SPECS) + rng.choice(MARKS)
    elif kind < 0.7:
        text = rng.choice(LINKS) + rng.choice(["", "", " ; python_version > '3.1'", ";x"])
    elif kind < 0.8:
        link = rng.choice(LINKS)
        name = "A-b" if "a_b" in link else "q[e]" if "/q-" in link else "pandas"
        text = name + rng.choice(["", "", " [Some_Extra]" if name == "pandas" else ""]) + " @ " + link + rng.choice(["", " ; os_name == 'nt'"])
    else:
        text = rng.choice(PATHS)
    if rng.random() < 0.25:
        text += "".join(rng.choice([" ", "  "]) + rng.choice(["--hash=", "--hash "]) + digest() for _ in range(rng.randint(1, 3)))
    if rng.random() < 0.08:
        text += rng.choice([" --config-settings k=v", " -C a=b -C a=c", ' --config-settings "x=y z"', " -i ignored", " --no-binary q"])
    return text


def line(n, folder, others, bad):
    kind = rng.random()
    if bad and kind < 0.1:
        text = rng.choice(BAD)
    elif kind < 0.55:
        text = requirement()
    elif kind < 0.72:
        text = rng.choice(OPTIONS).format(n=n)
    elif kind < 0.77 and others:
        text = rng.choice(["-r ", "--requirement=", "-c ", "--constraint ", "-r", "-c"]) + os.path.relpath(rng.choice(others), folder)
    elif kind < 0.8:
        text = rng.choice(["-e ./proj", "-e git+https://h/x.git#egg=ed", "--editable ./proj", "-e 'ed @ git+https://h/y.git'", "--editable=proj/"])
    elif kind < 0.86:
        text = rng.choice(["pandas ${VERSION_A}", "-i https://${USER_1}:${PASS}@h", "a # ${VERSION_A}", "x==${NUM}${NUM}", "n${NUM}", "chain==${CHAIN}.${NUM}"])
    else:
        text = rng.choice(["", "# comment", "   # indented \\", "\t", "\\", "#", "a # trailing \\", "\x0c", "b\x0bc", "d\u2028e", "f\x85g", "h\u00a0# no break"])
    if rng.random() < 0.2 and " " in text:
        i = rng.choice([i for i, c in enumerate(text) if c == " "])
        text = text[:i] + rng.choice([" \\\n", " \\\n  ", "\\\r\n ", " \\\n" if "@" in text else " \\\n\\"]) + text[i + 1:]
    if rng.random() < 0.15:
        text += rng.choice(["  # said", "\t#x", " ", " # \\", " \\"])
    return rng.choice(["", "", "", "", "  "]) + text


def encode(text):
    kind = rng.random()
    if kind < 0.8:
        return text.encode("utf-8")
    if kind < 0.84:
        return b"\xef\xbb\xbf" + text.encode("utf-8")
    if kind < 0.88:
        return text.encode("utf-16")
    if kind < 0.91:
        return b"\xfe\xff" + text.encode("utf-16-be")
    if kind < 0.93:
        return text.encode("utf-32")
    return ("# -*- coding: latin-1 -*-\n" + text).encode("latin-1", "ignore")


def tell(path):
    finder = PackageFinder.create(
        link_collector=LinkCollector(session=PipSession(), search_scope=SearchScope.create(find_links=[], index_urls=["configured"], no_index=False)),
        selection_prefs=SelectionPreferences(allow_yanked=False, format_control=FormatControl(set(), set()), release_control=ReleaseControl(set(), set())),
    )
    options = types.SimpleNamespace(require_hashes=False, no_require_hashes=False, features_enabled=[], isolated_mode=False)
    case = {"file": path, "requirements": []}
    try:
        reqs = []
        session = PipSession()
        for parsed in parse_requirements(path, session=session, finder=finder, options=options):
            req = install_req_from_parsed_requirement(parsed)
            if parsed.constraint and (problem := check_invalid_constraint_type(req)):
                raise ValueError(problem)
            reqs.append((parsed, req))
        if options.require_hashes and options.no_require_hashes:
            raise ValueError("both")
    except Exception as e:
        case["error"] = f"{type(e).__name__}: {e}"
        return case
    for parsed, req in reqs:
        link = req.link
        origin = parsed.comes_from.split(" ", 1)[1].removesuffix(")").split(" (line ")
        case["requirements"].append({
            "name": req.req.name if req.req else "",
            "specifier": "" if link else str(req.req.specifier),
            "version": str(req.req.specifier) if link and req.req else "",
            "extras": sorted(req.extras), "marker": str(req.markers) if req.markers else "",
            "editable": req.editable, "constraint": req.constraint, "link": link.url if link else "",
            "wheel": bool(link and link.is_wheel and not req.editable), "filename": link.filename if link and not link.is_vcs else "",
            "linkhash": f"{link.hash_name}:{link.hash}" if link and link.hash else "",
            "hashes": {k: sorted({d.lower() for d in v}) for k, v in req.hash_options.items()},
            "file": origin[0], "line": int(origin[1]),
        })
    scope = finder.search_scope
    case["options"] = {
        "index": list(scope.index_urls), "find_links": list(scope.find_links), "no_index": scope.no_index,
        "trusted": [host for host, _ in session.pip_trusted_origins],
        "no_binary": sorted(finder.format_control.no_binary), "only_binary": sorted(finder.format_control.only_binary),
        "all_releases": sorted(finder.release_control.all_releases), "only_final": sorted(finder.release_control.only_final),
        "prefer_binary": finder.prefer_binary, "require": options.require_hashes, "no_require": options.no_require_hashes,
    }
    return case


def main():
    os.makedirs("proj")
    os.makedirs("links")
    os.makedirs("w")
    os.makedirs("sub/deep")
    with open("proj/setup.py", "w"), open("w/local_one-1.2-py3-none-any.whl", "w"):
        pass
    os.environ.update({"VERSION_A": ">=1", "EMPTY": "", "USER_1": "u", "PASS": "s3cret", "NUM": "4", "CHAIN": "1${NUM}"})
    files = []
    for n in range(300):
        folder = rng.choice([".", ".", "sub", "sub/deep"])
        path = os.path.join(os.getcwd(), os.path.normpath(os.path.join(folder, f"r{n}.txt")))
        bad = rng.random() < 0.3
        others = rng.sample(files, min(len(files), 4))
        if n > 40 and rng.random() < 0.05:
            others.append(path)  # a file that includes itself
        lines = [line(n, os.path.dirname(path), others, bad) for _ in range(rng.randint(1, 9))]
        with open(path, "wb") as f:
            f.write(encode(rng.choice(["\n", "\n", "\n", "\r\n", "\r"]).join(lines) + rng.choice(["", "\n"])))
        case = tell(path)
        if "error" not in case and len(case["requirements"]) < 40:
            files = files[-60:] + [path]
        print(json.dumps(case))


main()
