#!/usr/bin/env bash
# Downloads the wheels of the test project for the base given (a folder made by base.sh), as a
# person would: pip, no sdists, nothing that would change what the base already has.
# Prints the folder that holds them. The result is kept, under a key of what was asked for.
set -euo pipefail
umask 022

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/layerpack-e2e"
base="${1:?usage: wheels.sh BASE}"

key="$(cat "$here/wheels.sh" "$here/project/requirements.txt" "$base/constraints.txt" | sha256sum | cut -c1-16)"
wheels="$cache/wheels-$key"
if [[ ! -d "$wheels" ]]; then
  work="$(mktemp -d "$cache/tmp.XXXXXX")"
  trap 'rm -rf "$work"' EXIT
  echo "e2e: downloading wheels" >&2
  python3 -m pip download --quiet --disable-pip-version-check --no-cache-dir --dest "$work/wheels" \
    --only-binary=:all: --implementation cp --python-version 3.11 --abi cp311 --abi abi3 --abi none \
    --platform manylinux2014_x86_64 --platform manylinux_2_28_x86_64 --platform any \
    --requirement "$here/project/requirements.txt" --constraint "$base/constraints.txt" >&2
  mv -T "$work/wheels" "$wheels" 2>/dev/null || [[ -d "$wheels" ]]
fi
echo "$wheels"
