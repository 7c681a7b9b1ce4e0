#!/usr/bin/env bash
# Downloads torch with its CUDA libraries for the base given (a folder made by base.sh): 3 GB of
# wheels, the largest set that people put into images. Prints the folder that holds them. The
# result is kept, under a key of what was asked for.
set -euo pipefail
umask 022

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/layerpack-e2e"
base="${1:?usage: torch.sh BASE}"
fail() { echo "e2e: torch: $*" >&2; exit 1; }

key="$(cat "$here/torch.sh" "$base/constraints.txt" | sha256sum | cut -c1-16)"
torch="$cache/torch-$key"
if [[ ! -d "$torch" ]]; then
  mkdir -p "$cache"
  # pip downloads and copies: the wheels lie on the disk twice for a while, and a test's layers later.
  free="$(df --output=avail -B1 "$cache" | tail -n 1)"
  ((free > 12 << 30)) || fail "12 GiB of disk are needed below $cache, $((free >> 30)) GiB are free"
  work="$(mktemp -d "$cache/tmp.XXXXXX")"
  trap 'rm -rf "$work"' EXIT
  echo "e2e: downloading torch, 3 GB" >&2
  TMPDIR="$work" python3 -m pip download --quiet --disable-pip-version-check --no-cache-dir --dest "$work/torch" \
    --only-binary=:all: --implementation cp --python-version 3.11 --abi cp311 --abi abi3 --abi none \
    --platform manylinux2014_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux_2_28_x86_64 --platform any \
    --constraint "$base/constraints.txt" torch==2.6.0 >&2
  mv -T "$work/torch" "$torch" 2>/dev/null || [[ -d "$torch" ]]
  find "$cache" -maxdepth 1 -name 'torch-*' ! -path "$torch" -mtime +7 -exec rm -rf {} +
fi
echo "$torch"
