#!/usr/bin/env bash
# Downloads the sets of wheels that are installed by layerpack and by pip, for the base given (a
# folder made by base.sh), and the newest pip. Prints the folder that holds them, one below it for
# each set. The result is kept, under a key of what was asked for.
set -euo pipefail
umask 022

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/layerpack-e2e"
base="${1:?usage: sets.sh BASE}"

key="$(cat "$here/sets.sh" "$here"/sets/*.txt "$base/constraints.txt" | sha256sum | cut -c1-16)"
sets="$cache/sets-$key"
if [[ -d "$sets" ]]; then
  echo "$sets"
  exit 0
fi
mkdir -p "$cache"
work="$(mktemp -d "$cache/tmp.XXXXXX")"
trap 'rm -rf "$work"' EXIT
out="$work/sets"
echo "e2e: downloading sets of wheels, some two minutes" >&2

# pip of the index: Debian's own is too old to know the tags of today.
python3 -m pip download --quiet --disable-pip-version-check --no-cache-dir --no-deps --dest "$out/pip-wheel" pip >&2
python3 -m zipfile -e "$out"/pip-wheel/pip-*.whl "$out/pip"
prefect="$(sed -n 's/^prefect==//p' "$base/constraints.txt")"

download() { # download SET PYTHON PLATFORMS MACHINE ARGUMENTS...: pip implies no older ones but of manylinux2014
  local set="$1" python="$2" kind="$3" machine="$4" minor platforms=()
  shift 4
  for minor in 36 35 34 31 28 27 26 24 17; do
    [[ "$kind" != glibc ]] || platforms+=(--platform "manylinux_2_${minor}_$machine")
  done
  [[ "$kind" == musl ]] || platforms+=(--platform "manylinux2014_$machine")
  for minor in 2 1; do
    [[ "$kind" != musl ]] || platforms+=(--platform "musllinux_1_${minor}_$machine")
  done
  platforms+=(--platform any)
  python3 "$out/pip/pip" download --quiet --disable-pip-version-check --no-cache-dir --dest "$out/$set" \
    --only-binary=:all: --implementation cp --python-version "$python" --abi "cp${python/./}" --abi abi3 --abi none \
    "${platforms[@]}" "$@" >&2
}
for_base() { # for_base SET ARGUMENTS...
  local set="$1"
  shift
  download "$set" 3.11 glibc x86_64 "$@"
}

for_base many --requirement "$here/sets/many.txt" --constraint "$base/constraints.txt"
for_base other --requirement "$here/sets/other.txt" --constraint "$base/constraints.txt"
for_base pyodbc --no-deps pyodbc
# In the base in this very version: to be skipped.
for_base many --no-deps "prefect==$prefect"

# Other versions of what the base has: within Prefect's own pins, and outside them.
grep -viE '^(anyio|pydantic|pydantic[-_]core)==' "$base/constraints.txt" >"$work/free.txt"
for_base replaced --constraint "$work/free.txt" anyio==4.4.0 pydantic==2.11.10
for_base unwanted --constraint "$work/free.txt" --no-deps anyio==3.7.1 'pydantic>=2.13'

# One version of each, for two machines, two kinds of libc and a Python that is too new.
for_base mixed --no-deps --requirement "$here/sets/mixed.txt"
for wheel in "$out"/mixed/*.whl; do
  IFS=- read -r name version _ <<<"${wheel##*/}"
  echo "$name==$version"
done >"$work/mixed.txt"
download mixed 3.11 glibc aarch64 --no-deps --requirement "$work/mixed.txt"
download mixed 3.12 glibc aarch64 --no-deps --requirement "$work/mixed.txt"
# Older and newer builds of one distribution.
download mixed 3.11 old aarch64 --no-deps --constraint "$work/mixed.txt" cryptography
download mixed 3.11 musl aarch64 --no-deps --constraint "$work/mixed.txt" numpy pandas lxml psutil

mv -T "$out" "$sets" 2>/dev/null || [[ -d "$sets" ]]
find "$cache" -maxdepth 1 -name 'sets-*' ! -path "$sets" -mtime +7 -exec rm -rf {} +
echo "$sets"
