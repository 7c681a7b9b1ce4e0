"""Writes what pypa's packaging answers about versions and version specifiers, one JSON object a line.

Each object has a "kind" and, beside the case, the answers; the Go test of this folder gives its own to the same cases.
"""

import packaging
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_version
from packaging.version import InvalidVersion, Version

from draw import FAMILY, OPERATORS, SUFFIXES, VERSION_ALPHABET, clause, put, rng, set_text, spoil, version_text


def versions():
    seen = [f + s for f in FAMILY if f for s in SUFFIXES]
    seen += ["1!1.0", "1!0.dev0", "0.dev0", "0a0", "0.0.0.0.0", "1.0.0.0.0.1", "1.0.0.1.dev0", "1.2.99999999999999999999", "v1.2", "1.2-1", " 1.2\n",
             "1.2c1", "1.02", "2024.1.31", "4294967295.0", "4294967294.0", "1.0.dev4294967294", "1.0.dev4294967295", "1.0.dev4294967296",
             "1.0.post4294967294", "1.0.post4294967295", "1.0.post4294967296", "1.0a4294967295"]
    while len(seen) < 440:
        text = version_text()
        if text not in seen:
            seen.append(text)
    return seen


VERSIONS = versions()


def rank_versions():
    parsed = [Version(v) for v in VERSIONS]
    distinct = sorted(set(parsed))
    place = {v: i for i, v in enumerate(distinct)}
    put("versions", texts=VERSIONS, ranks=[place[v] for v in parsed])


def parse_versions(count):
    for i in range(count):
        text = version_text()
        if i % 2:
            text = spoil(text, VERSION_ALPHABET)
        try:
            v = Version(text)
        except InvalidVersion:
            put("version", text=text, ok=False)
        else:
            put("version", text=text, ok=True, str=str(v), canonical=canonicalize_version(v), public=v.public, base=v.base_version,
                local=v.local or "", release=[str(n) for n in v.release], epoch=str(v.epoch), pre=v.is_prerelease,
                post=v.is_postrelease, dev=v.is_devrelease)


SET_ALPHABET = list("0123456789.!*+,<>=~ ab()';") + ["===", "==", "dev", ".*", "+x", "\u017f", "\u0131"]


# Letters that only Unicode's case folding takes for ASCII ones, where packaging's patterns let them pass.
FOLDED = ["~=1.2.3po\u017ft1", "~=1.2prev\u0131ew1", ">=1.2po\u017ft1", "==1.0+\u212a", "===1.0+\u212a"]


def bits(answers):
    return "".join("1" if a else "0" for a in answers)


def sets(count, members):
    members = members + ["1.0", "1.0.post1", "1.0+k"]
    parsed = [Version(v) for v in members]
    odd = ["foo", "1.0-garbage", "", "1.0 foo"]
    put("members", texts=members, odd=odd)
    simple = [op + f + s for op in OPERATORS for f in ["1", "1.0", "1.2", "1.2.0", "0"] for s in SUFFIXES[:16] if op != "~=" or "." in f]
    simple += [op + f + ".*" for op in ("==", "!=") for f in ["0", "0.0", "1", "1.0", "1.2", "1.2.0", "1!1"]]
    simple += [op + f + s for op in ("==", "!=") for f in ["1", "1.2"] for s in SUFFIXES[16:]]
    rng.shuffle(simple)
    for i in range(count):
        text = simple[i] if i < len(simple) else FOLDED.pop() if FOLDED else set_text()
        try:
            s = SpecifierSet(text)
        except InvalidSpecifier:
            put("set", text=text, ok=False)
            continue
        try:
            answer = dict(
                str=str(s), asks=bool(s.prereleases),
                none=bits(s.contains(v) for v in parsed), true=bits(s.contains(v, prereleases=True) for v in parsed),
                false=bits(s.contains(v, prereleases=False) for v in parsed))
            answer["strings"] = bits(s.contains(v) for v in members + odd)
            if "===" not in text:
                answer["unsatisfiable"] = s.is_unsatisfiable()
            some = rng.sample(range(len(members)), 12)
            answer["some"] = some
            answer["filtered"] = [[j for j in some if id(parsed[j]) in kept] for kept in
                                  ({id(v) for v in s.filter([parsed[j] for j in some], prereleases=p)} for p in (None, True, False))]
        except AssertionError:
            # A clause with a letter that only Unicode's case folding makes a keyword passes its pattern but is no version.
            put("set", text=text, ok=True, broken=True)
            continue
        put("set", text=text, ok=True, **answer)


def spoiled_sets(count):
    for _ in range(count):
        text = spoil(set_text() or ">=1", SET_ALPHABET)
        try:
            s = SpecifierSet(text)
            canonical = str(s)
        except InvalidSpecifier:
            put("syntax", text=text, ok=False)
        except AssertionError:
            put("syntax", text=text, ok=True, broken=True)
        else:
            put("syntax", text=text, ok=True, str=canonical)


def ranges(count):
    """Set algebra, where packaging has it (26.3 and later)."""
    for _ in range(count):
        a, b = (",".join(c for c in (clause() for _ in range(rng.choice([1, 1, 2]))) if not c.startswith("===")) for _ in "ab")
        try:
            x, y = SpecifierSet(a), SpecifierSet(b)
            answer = dict(subset=x.is_subset(y), superset=x.is_superset(y), disjoint=x.is_disjoint(y))
        except InvalidSpecifier:
            continue
        put("algebra", a=a, b=b, **answer)


put("packaging", version=packaging.__version__)
parse_versions(8000)
rank_versions()
sets(1500, VERSIONS[::4])
spoiled_sets(8000)
ranges(4000)
