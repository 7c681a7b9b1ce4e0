"""Draws cases for the oracle scripts, always the same ones, and writes them with their answers."""

import json
import random
import sys

rng = random.Random(440508)


def put(kind, **values):
    """Writes one case with its answers as a line of JSON."""
    sys.stdout.write(json.dumps({"kind": kind, **values}) + "\n")


NUMBERS = ["0", "0", "1", "1", "2", "3", "9", "10", "11", "007", "20240131", "4294967295", "4294967296",
           "99999999999999999999"]
PRES = ["a", "b", "rc", "c", "alpha", "beta", "pre", "preview", "RC", "Alpha"]
POSTS = ["post", "rev", "r", "Post"]
LOCALS = ["abc", "1", "a.1", "ubuntu-2_3", "01", "1a", "x.y.z", "CPU", "10", "2"]
SEPARATORS = ["", "", ".", "-", "_"]
SPACES = ["", "", "", "", "", "", " ", "\t", "\n", "\u00a0", "\u2003", "\x1c", "\x85"]


def number():
    return rng.choice(NUMBERS)


def separator():
    return rng.choice(SEPARATORS)


def word(words):
    n = rng.choice(["", number(), number()])
    return separator() + rng.choice(words) + (separator() + n if n or rng.random() < 0.1 else "")


def version_text(plain=False):
    text = rng.choice(["", "", "", "", "v", "V"]) if not plain else ""
    text += rng.choice([""] * 8 + ["0!", "1!", "2!", "99999999999!"])
    text += ".".join(number() for _ in range(rng.choice([1, 1, 2, 2, 2, 3, 3, 3, 4, 5, 6])))
    if rng.random() < 0.35:
        text += word(PRES)
    if rng.random() < 0.25:
        text += "-" + number() if rng.random() < 0.3 else word(POSTS)
    if rng.random() < 0.25:
        text += word(["dev", "DEV"])
    if rng.random() < 0.15:
        text += "+" + rng.choice(LOCALS)
    return text if plain else rng.choice(SPACES) + text + rng.choice(SPACES)


def spoil(text, alphabet):
    """Changes one to three characters of a text."""
    chars = list(text)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at = rng.randrange(len(chars) + 1)
        what = rng.random()
        if what < 0.4:
            chars.insert(at, rng.choice(alphabet))
        elif what < 0.7 and at < len(chars):
            del chars[at]
        elif at < len(chars):
            chars[at] = rng.choice(alphabet)
    return "".join(chars)


VERSION_ALPHABET = list("0123456789.!-_+*abcdeoprstv \t") + ["rc", "post", "dev", ".dev", "\u017f", "\u0131", "\u0130", "\u212a",
                                                             "\u0661", "\u00e9", "\n"]

FAMILY = ["", "0", "1", "1.0", "1.0.0", "1.1", "1.2", "1.2.0", "1.2.3", "2", "2.0", "10.0"]
SUFFIXES = ["", ".dev0", ".dev1", "a0", "a1", "a1.dev1", "a1.post1", "a1.post1.dev2", "b2", "rc1", "rc2.dev0", ".post0", ".post0.dev0", ".post1",
            ".post1.dev1", ".post2", "+abc", "+abc.1", "+1", ".post1+1", "a1+x", ".dev0+y"]

OPERATORS = ["==", "!=", "<=", ">=", "<", ">", "~="]
COMMON = [f + s for f in FAMILY if f for s in ["", "", "", ".dev0", ".dev1", "a1", "a1.dev1", "rc1", ".post0", ".post1", ".post1.dev1", "a1.post1"]]


def clause():
    if rng.random() < 0.05:
        return "===" + rng.choice(["1.0", "1.2A1", "v1.2", "1.0+ABC", "foo", "", " 1.0", "1.2-1", "2", "1.2.0", "1.0.dev0"])
    op = rng.choice(OPERATORS)
    if op in ("==", "!=") and rng.random() < 0.4:
        body = rng.choice(FAMILY[1:] + ["1!1", "v1.2", "01.2", "4294967295", "0.0", "99999999999999999999"]) + ".*"
    elif op in ("==", "!=") and rng.random() < 0.2:
        body = rng.choice(COMMON) + "+" + rng.choice(["abc", "abc.1", "1", "X"])
    elif rng.random() < 0.8:
        body = rng.choice(COMMON)
    else:
        body = version_text(plain=True)
        if op not in ("==", "!="):
            body = body.partition("+")[0]
    if op == "~=" and "." not in body:
        body = "1." + body
    return op + rng.choice(["", "", "", " ", "\u00a0"]) + body


def set_text():
    parts = [clause() for _ in range(rng.choice([0, 1, 1, 1, 1, 2, 2, 2, 3, 4]))]
    return rng.choice([",", ",", ", ", " , "]).join(parts) + rng.choice(["", "", "", "", ",", " ,"])
