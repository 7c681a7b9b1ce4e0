"""Writes what pypa's packaging answers about markers, requirements and names, one JSON object a line.

Each object has a "kind" and, beside the case, the answers; the Go test of this folder gives its own to the same cases.
"""

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import Version

from draw import put, rng, set_text, spoil


ENVIRONMENT = dict(os_name="posix", sys_platform="linux", platform_system="Linux", platform_release="", platform_version="")


def environment(machine, python, implementation="cpython", **more):
    names = {"cpython": "CPython", "pypy": "PyPy"}
    short = ".".join(Version(python).base_version.split(".")[:2])
    env = dict(ENVIRONMENT, platform_machine=machine, python_full_version=python, python_version=short, implementation_name=implementation,
               platform_python_implementation=names[implementation], implementation_version=python if implementation == "cpython" else "0")
    env.update(more)
    return env


def environments():
    plus = environment("x86_64", "3.12.0", platform_release="6.1.0-21-amd64", platform_version="#1 SMP")
    plus.update(python_full_version="3.12.0+", implementation_version="3.12.0")
    return [
        environment("x86_64", "3.11.2"), environment("aarch64", "3.12.0"), environment("x86_64", "3.8.20"), environment("armv7l", "3.14.0rc2"),
        environment("x86_64", "3.10.14", "pypy"), environment("s390x", "3.9.0"), environment("riscv64", "3.13.1"), plus,
        environment("AMD64", "3.11.2", os_name="nt", sys_platform="win32", platform_system="Windows", platform_release="10"),
    ]


FIELDS = {
    "python_version": ["3", "3.8", "3.10", "3.11", "3.12", "2.7", "3.11.0", "3.*", "3.11.*", "3.1", "4.0", "3.12.dev0", "foo", "", "3.8,3.11", "3.8 3.11"],
    "python_full_version": ["3.11.2", "3.11", "3.12.0", "3.14.0", "3.14.0rc2", "3.14.0rc1", "3.11.*", "3.12.0+", "3.12.0+local", "3.13.1", "bar"],
    "implementation_version": ["3.11.2", "0", "3.12", "7.3.11", "x"],
    "platform_release": ["", "6.1", "5", "6.1.0-21-amd64", "10", "amd"],
    "platform_version": ["", "#1 SMP", "1", "SMP"],
    "os_name": ["posix", "nt", "java", "pos", ""],
    "os.name": ["posix", "nt"],
    "sys_platform": ["linux", "win32", "darwin", "linux2", "lin"],
    "sys.platform": ["linux", "win32"],
    "platform_system": ["Linux", "Windows", "linux", "Darwin"],
    "platform_machine": ["x86_64", "aarch64", "AMD64", "arm64", "x86_64 aarch64", "armv7l,s390x"],
    "platform.machine": ["x86_64"],
    "platform_python_implementation": ["CPython", "PyPy", "cpython"],
    "platform.python_implementation": ["CPython", "PyPy"],
    "python_implementation": ["CPython", "PyPy"],
    "implementation_name": ["cpython", "pypy", "CPython"],
    "extra": ["test", "dev", "Test_Suite", "test-suite", "a", "", "docs", "test suite"],
}
MARKER_OPERATORS = ["==", "==", "==", "!=", "!=", "<", "<=", ">", ">=", ">=", "~=", "===", "in", "not in"]


def quote(text):
    return rng.choice(['"%s"', "'%s'"]) % text


def space(needed=False):
    return rng.choice([" ", " ", " ", "  ", "\t"] if needed else ["", " ", " ", " ", "\t "])


def comparison(fields=None, multi=False):
    name = rng.choice(fields or list(FIELDS))
    op = rng.choice(MARKER_OPERATORS)
    if rng.random() < 0.7 and op in ("~=", "==="):
        op = "=="
    if multi and name == "extra":
        op = "=="
    value = quote(rng.choice(FIELDS[name]))
    wordy = op[0] in "in"
    if wordy:
        op = op.replace(" ", space(True))
    sides = [name, value]
    if rng.random() < 0.2:
        sides.reverse()
    return sides[0] + space(wordy and sides[0] == name) + op + space(wordy and sides[1] == name) + sides[1]


def marker_text(depth=2, **how):
    parts = []
    for i in range(rng.choice([1, 1, 1, 2, 2, 3])):
        if i:
            parts.append(" " + rng.choice(["and", "and", "or"]) + " ")
        if depth and rng.random() < 0.25:
            parts.append("(" + space() + marker_text(depth - 1, **how) + space() + ")")
        else:
            parts.append(comparison(**how))
    return "".join(parts)


MARKER_ALPHABET = list("\"'()<>=!~ .;\\\u00e9") + ["and", "or", "in", "not", "extra", "_", "os_name", " ", "3.8", "extras", "\n", "x"]


def evaluate(marker, env, extra=None, **more):
    context = dict(env, **more)
    if extra is not None:
        context["extra"] = extra
    try:
        return "1" if marker.evaluate(context) else "0"
    except (UndefinedComparison, UndefinedEnvironmentName):
        return "e"


def evaluate_lock(marker, env, extras, groups):
    try:
        return "1" if marker.evaluate(dict(env, extras=frozenset(extras), dependency_groups=frozenset(groups)), context="lock_file") else "0"
    except (UndefinedComparison, UndefinedEnvironmentName):
        return "e"


EXTRAS = [[], ["test"], ["Test.Suite"], ["a"]]


def markers(count):
    envs = environments()
    put("environments", environments=envs, extras=EXTRAS)
    by_hand = ["os_name == sys_platform", "'posix' == 'os_name'", "'a' == 'b'", "python_version in python_full_version", "extra == 'caf\u00e9'",
               "extra == '\u212a'", "extra != 'T.E.S.T'", "os_name == 'a\\x41'", "os_name == '\u00e9'"]
    for i in range(count):
        text = rng.choice(["", "", " "]) + marker_text() + rng.choice(["", "", " \t"])
        if i < len(by_hand):
            text = by_hand[i]
        elif i % 4 == 3:
            text = spoil(text, MARKER_ALPHABET)
        try:
            m = Marker(text)
        except InvalidMarker:
            put("marker", text=text, ok=False)
            continue
        try:
            canonical = str(m)
        except ValueError:  # a text with both quotation marks, made by a backslash
            canonical = ""
        put("marker", text=text, ok=True, str=canonical,
            values=["".join(evaluate(m, env, *extra) for env in envs) for extra in EXTRAS])


def marker_extras(count):
    """Several extras at once, as pip asks: once for each."""
    env = environments()[0]
    others = [f for f in FIELDS if f != "extra"]
    for i in range(count):
        text = comparison(["extra"], multi=i % 20 > 0) + rng.choice([" and ", " or "]) + marker_text(1, fields=others)
        if i % 20 == 1:
            text += " and " + comparison(["extra"], multi=True)
        extras = rng.sample(["test", "dev", "Test_Suite", "a", "docs"], 2)
        m = Marker(text)
        answers = [evaluate(m, env, e) for e in extras]
        put("extras", text=text, extras=extras, value="e" if "e" in answers else max(answers))


def lock_markers(count):
    env = environments()[1]
    for _ in range(count):
        parts = []
        for i in range(rng.choice([1, 2, 3])):
            if i:
                parts.append(rng.choice([" and ", " or "]))
            if rng.random() < 0.25:
                parts.append(comparison())
            else:
                parts.append(quote(rng.choice(["test", "Dev_Tools", "docs"])) + " " + rng.choice(["in", "not in", "in", "not in", "=="]) + " " +
                             rng.choice(["extras", "dependency_groups"]))
        text = "".join(parts)
        extras, groups = rng.choice([[], ["test"], ["docs", "dev.tools"]]), rng.choice([[], ["dev-tools"], ["Test"]])
        m = Marker(text)
        put("lock", text=text, str=str(m), extras=extras, groups=groups, value=evaluate_lock(m, env, extras, groups), outside=evaluate(m, env))


NAMES = ["requests", "Django", "oslo.concurrency", "zope_interface", "A", "7zip", "a--b", "ruamel.yaml.clib", "x_1", "foo_", "-foo", "foo.", "_", "fo o"]
URLS = ["https://example.org/a-1.0-py3-none-any.whl", "git+https://example.org/x@v1#egg=x;y", "file:///tmp/a b", "a;b", "https://example.org/#sha256=00,x"]


def requirement_text():
    text = space()[:1] + rng.choice(NAMES[:9] if rng.random() < 0.9 else NAMES) + space()
    if rng.random() < 0.3:
        text += "[" + space() + ("," + space()).join(rng.choice(["test", "Dev", "a_b", "b.c", "x"]) for _ in range(rng.choice([0, 1, 2, 3]))) + space() + "]" + space()
    if rng.random() < 0.15:
        text += "@" + space() + rng.choice(URLS) + rng.choice(["", " ", " ", " ", " "])
    elif rng.random() < 0.85:
        body = set_text()
        text += "(" + space() + body + space() + ")" if rng.random() < 0.2 else body
    if rng.random() < 0.4:
        text += space() + ";" + space() + marker_text(1)
    return text + space()


REQUIREMENT_ALPHABET = list("[]();,@=<>~!._-* 'x1\u00e9") + ["===", "extra", "\n", "\t", "\u00a0"]


def requirements(count):
    for i in range(count):
        text = requirement_text()
        if i % 3 == 2:
            text = spoil(text, REQUIREMENT_ALPHABET)
        try:
            r = Requirement(text)
        except InvalidRequirement:
            put("requirement", text=text, ok=False)
            continue
        try:
            canonical = str(r)
        except (AssertionError, ValueError):
            put("requirement", text=text, ok=True, broken=True)
            continue
        put("requirement", text=text, ok=True, str=canonical, name=r.name, extras=sorted(r.extras), specifier=str(r.specifier), url=r.url or "",
            marker=str(r.marker or ""))


def names(count):
    alphabet = "abcXYZ019._-" * 3 + " \u00e9\u212a\n"
    texts = NAMES + ["".join(rng.choice(alphabet) for _ in range(rng.randrange(9))) for _ in range(count)]
    for text in texts:
        try:
            canonicalize_name(text, validate=True)
            valid = True
        except InvalidName:
            valid = False
        put("name", text=text, valid=valid, normal=canonicalize_name(text))


markers(6000)
marker_extras(2000)
lock_markers(2000)
requirements(8000)
names(3000)
