#!/usr/bin/env bash
# Installs Prefect 1, 2 and 3 from the index, each into a virtual environment beside what the project of
# the deployments asks for, as on the machine of a person who deploys. Of Prefect 2.20 it is the version
# that the base given (a folder made by base.sh) has. Prints the folder that holds them. It is kept, under
# a key of what was asked for.
set -euo pipefail
umask 022

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/layerpack-e2e"
base="${1:?usage: deploy.sh BASE}"
uv="$cache/bin/uv"

same="$(sed -n 's/^prefect==//p' "$base/constraints.txt")"
key="$(cat "$here/deploy.sh" "$here/deploy/project/requirements.txt" <(echo "$same") | sha256sum | cut -c1-16)"
clients="$cache/prefect-$key"
if [[ -d "$clients" ]]; then
  echo "$clients"
  exit 0
fi
mkdir -p "$cache"
work="$(mktemp -d "$cache/tmp.XXXXXX")"
trap 'rm -rf "$work"' EXIT
out="$work/clients"
mkdir "$out"
echo "e2e: installing Prefect 1, 2 and 3, a minute" >&2

export UV_CACHE_DIR="$cache/uv" UV_NO_CONFIG=1 UV_PYTHON_DOWNLOADS=never
[[ -z "${PIP_INDEX_URL:-}" ]] || export UV_DEFAULT_INDEX="$PIP_INDEX_URL"

client() { # client NAME REQUIREMENTS...: with Debian's Python, which is of the base's minor version
  local name="$1"
  shift
  # The environment is moved afterwards: its scripts must not name the folder it was made in.
  "$uv" venv --quiet --relocatable --python /usr/bin/python3 "$out/$name" >&2
  "$uv" pip install --quiet --python "$out/$name/bin/python" --compile-bytecode "$@" >&2
}

# These two need more than they say, and no later versions of some.
client 1 prefect==1.4.1 setuptools 'marshmallow<4'
client 2.11 prefect==2.11.5 'griffe<1' 'anyio<4' cachetools prefect-docker --requirement "$here/deploy/project/requirements.txt"
client 2.20 "prefect==$same" prefect-docker --requirement "$here/deploy/project/requirements.txt"
# With FastAPI of later days its server does not start.
client 3 'prefect==3.*' prefect-docker --requirement "$here/deploy/project/requirements.txt" --exclude-newer 2026-10-07T00:00:00Z

mv -T "$out" "$clients" 2>/dev/null || [[ -d "$clients" ]]
find "$cache" -maxdepth 1 -name 'prefect-????????????????' ! -path "$clients" -mtime +7 -exec rm -rf {} +
echo "$clients"
