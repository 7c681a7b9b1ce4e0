#!/usr/bin/env bash
# Lets uv, pip and pdm resolve and lock what layerpack is compared with, for the base given (a folder
# made by base.sh). Prints the folder of their answers. It is kept for a week, under a key of what was asked:
#
#   resolve/SET.txt   what uv chooses on a plain Python, as things were at $day
#   refused/SET.txt   why uv refuses
#   based/SET.txt     what uv chooses where it is to keep the base's versions; based/day says for which time
#   wheels/           stand-ins of what the base has and no index has as a wheel
#   project/          a project with an uv.lock
#   pylock/           pylock.TOOL.toml of uv, pip and pdm, and TOOL.json: what pip would install from it
#   pip/              the pip that did
set -euo pipefail
umask 022

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/layerpack-e2e"
base="${1:?usage: resolve.sh BASE}"
day=2026-09-15T00:00:00Z
uv="$cache/bin/uv"
pip_version=26.3
# The last release of pdm that runs with the libraries of its own day alone.
pdm=pdm==2.25.9
pdm_day=2025-10-20

key="$(cd "$here" && cat resolve.sh sets/{resolve,refused,based}/*.txt sets/uvlock/{,client/}pyproject.toml sets/pylock/* \
  "$base/constraints.txt" <("$uv" --version) | sha256sum | cut -c1-16)"
answers="$cache/resolve-$key"
if [[ -n "$(find "$answers" -maxdepth 0 -mtime -7 2>/dev/null)" ]]; then
  echo "$answers"
  exit 0
fi
work="$(mktemp -d "$cache/tmp.XXXXXX")"
trap 'rm -rf "$work"' EXIT
out="$work/answers"
mkdir -p "$out"/{resolve,refused,based,wheels,pylock}
echo "e2e: asking uv, pip and pdm, some minutes" >&2

export UV_CACHE_DIR="$cache/uv" UV_NO_CONFIG=1 UV_PYTHON_DOWNLOADS=never
[[ -z "${PIP_INDEX_URL:-}" ]] || export UV_DEFAULT_INDEX="$PIP_INDEX_URL"

# compile KIND SET ARGUMENTS...: uv's answer goes to KIND/ below $out, or why there is none
compile() {
  local kind="$1" set="$2" to="$out/$1/${2##*/}" status=0
  shift 2
  "$uv" pip compile --quiet --no-header --no-annotate --python-platform x86_64-manylinux_2_36 --only-binary :all: \
    --output-file "$to" "$@" "$set" >/dev/null 2>"$to.log" || status=$?
  if [[ "$kind" == refused && "$status" != 0 ]] && grep -q 'No solution found' "$to.log"; then
    mv "$to.log" "$to"
  elif [[ "$kind" != refused && "$status" == 0 ]]; then
    rm "$to.log"
  else
    echo "e2e: uv pip compile $set ended with $status" >&2
    cat "$to.log" >&2
    return 1
  fi
}
export -f compile
export uv out

each() { # each KIND ARGUMENTS...: all sets of a kind, some at a time
  local kind="$1"
  shift
  printf '%s\0' "$here/sets/$kind"/*.txt | xargs -0 -P 6 -I{} bash -c 'compile "$@"' _ "$kind" {} "$@"
}

each resolve --python-version 3.11.9 --exclude-newer "$day"
each refused --python-version 3.11.9 --exclude-newer "$day"

# The base's versions are told as those of an earlier answer. What it has without a wheel of any index
# (pendulum 2.1.2) gets one that has the metadata alone; uv knows nothing of installed distributions here.
python3 - "$base" "$out/wheels" <<'PYTHON'
import pathlib, re, sys, tarfile, zipfile

names = {"pendulum"}
for blob in pathlib.Path(sys.argv[1], "blobs/sha256").iterdir():
    with blob.open("rb") as f:
        if f.read(2) != b"\x1f\x8b":
            continue
    with tarfile.open(blob) as layer:
        for member in layer:
            if not (m := re.search(r"site-packages/([^/]+)-([^/-]+)\.dist-info/METADATA$", member.name)) or m[1] not in names:
                continue
            stem = f"{m[1]}-{m[2]}"
            with zipfile.ZipFile(pathlib.Path(sys.argv[2], stem + "-py3-none-any.whl"), "w") as wheel:
                wheel.writestr(stem + ".dist-info/METADATA", layer.extractfile(member).read())
                wheel.writestr(stem + ".dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: e2e\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
                wheel.writestr(stem + ".dist-info/RECORD", "")
PYTHON
date -u -d "@$(stat -c %Y "$base/index.json")" +%FT%TZ >"$out/based/day"
for set in "$here"/sets/based/*.txt; do
  cp "$base/constraints.txt" "$out/based/${set##*/}"
done
each based --python-version 3.11.2 --exclude-newer "$(cat "$out/based/day")" --find-links "$out/wheels"

cp -R "$here/sets/uvlock" "$out/project"
(cd "$out/project" && "$uv" lock --quiet --no-build --exclude-newer "$day")

python3 -m pip download --quiet --disable-pip-version-check --no-cache-dir --no-deps --dest "$work" "pip==$pip_version" >&2
python3 -m zipfile -e "$work"/pip-*.whl "$out/pip"
pip=(python3 "$out/pip/pip")
export PIP_DISABLE_PIP_VERSION_CHECK=1
cp "$here"/sets/pylock/* "$work"
cd "$work"
"$uv" lock --quiet --no-build --exclude-newer "$day"
"$uv" export --quiet --frozen --no-emit-project --no-default-groups --format pylock.toml --output-file pylock.uv.toml
"${pip[@]}" lock --quiet --only-binary=:all: --requirement requirements.txt --output pylock.pip.toml 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
# pdm keeps extras and groups apart in one lock; it has no two versions of one distribution in it.
mkdir pdm
grep -v 'numpy<' pyproject.toml | sed 's/numpy>=2.3; python_version .*"/numpy"/' >pdm/pyproject.toml
printf '[lock]\nformat = "pylock"\n' >pdm/pdm.toml
(cd pdm && HOME="$work/home" "$uv" tool run --quiet --exclude-newer "$pdm_day" --from "$pdm" pdm lock --quiet --group :all) >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; exit 1; }
mv pdm/pylock.toml pylock.pdm.toml
for tool in uv pip pdm; do
  "${pip[@]}" install --quiet --dry-run --ignore-installed --report "$out/pylock/$tool.json" --requirement "pylock.$tool.toml" 2>"$work/log" ||
    { cat "$work/log" >&2; exit 1; }
  mv "pylock.$tool.toml" "$out/pylock"
done

rm -rf "$answers"
mv -T "$out" "$answers" 2>/dev/null || [[ -d "$answers" ]]
find "$cache" -maxdepth 1 -name 'resolve-*' ! -path "$answers" -mtime +7 -exec rm -rf {} +
echo "$answers"
