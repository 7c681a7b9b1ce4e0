#!/usr/bin/env bash
# Makes the base image of the end-to-end test, with the layout of prefecthq/prefect:2-python3.11:
# Debian, a CPython of its own under /usr/local, Prefect 2 installed with pip, the entrypoint script.
# Prints the folder that holds it. The result is kept, under a key of everything it is made of.
set -euo pipefail
umask 022

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/layerpack-e2e"
suite=bookworm
python_version=3.11.2
prefect='prefect==2.20.*'

say() { echo "e2e: base: $*" >&2; }
fail() { say "$*"; exit 1; }

key="$(cd "$here" && cat base.sh base/* mkbase/build.go mkbase/layer.go mkbase/main.go | sha256sum | cut -c1-16)"
base="$cache/base-$key"
if [[ -f "$base/index.json" ]]; then
  echo "$base"
  exit 0
fi
[[ "$(id -u)" == 0 ]] || fail "making the base needs root (debootstrap, chroot)"

mkdir -p "$cache"
work="$(mktemp -d "$cache/tmp.XXXXXX")"
say "making $(basename "$base"), some three minutes; logs in $work"

# Nothing is removed while something is mounted in it.
mounted() { awk -v d="$work/" 'index($2, d) == 1 { print $2 }' /proc/self/mounts | sort -r; }
cleanup() {
  local status=$? m
  if [[ -n "$debian" ]]; then
    kill -- "-$debian" 2>/dev/null || true
    wait "$debian" 2>/dev/null || true
  fi
  for m in $(mounted); do umount "$m" || true; done
  if [[ -n "$(mounted)" ]]; then
    say "still mounted, left alone: $(mounted)"
  else
    rm -rf "$work"
  fi
  exit "$status"
}
debian=
trap cleanup EXIT

# Where this machine gets Debian from, in whatever form its apt sources are written.
mirror="$(apt-get indextargets 'Created-By: Packages' --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' |
  awk -v s="$suite" '$2 == s && $3 == "main" { print $1; exit }')"
[[ -n "$mirror" ]] || fail "no source of Debian $suite main in this machine's apt configuration"
proxy=
eval "$(apt-config shell proxy Acquire::http::Proxy)"
[[ -z "$proxy" ]] || export http_proxy="${http_proxy:-$proxy}"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

logged() { # logged NAME COMMAND...: its output only when it fails
  local name="$1"
  shift
  "$@" >"$work/$name.log" 2>&1 || { tail -n 40 "$work/$name.log" >&2; fail "$name failed (see above)"; }
}

debian_tree() {
  logged debootstrap debootstrap --variant=minbase --keyring="$keyring" \
    --include=ca-certificates,netbase,tzdata,libssl3,libsqlite3-0,libffi8,libbz2-1.0,liblzma5,zlib1g,libreadline8,libncursesw6,libuuid1,tini,git \
    "$suite" "$work/s1" "$mirror"
  [[ -z "$(mounted)" ]] || fail "debootstrap left something mounted: $(mounted)"
  rm -rf "$work"/s1/var/cache/apt/archives/*.deb "$work"/s1/var/cache/apt/*.bin \
    "$work"/s1/var/lib/apt/lists/* "$work"/s1/dev/* "$work"/s1/var/log/bootstrap.log "$work"/s1/etc/resolv.conf
}

# The source of Debian's own package, fetched through a deb-src twin of the apt sources that
# is the business of this script alone.
cpython_source() {
  mkdir -p "$work/apt/lists/partial" "$work/src"
  echo "deb-src [signed-by=$keyring] $mirror $suite main" >"$work/apt/sources.list"
  local apt=(apt-get -qq -o "Dir::Etc::sourcelist=$work/apt/sources.list" -o Dir::Etc::sourceparts=- \
    -o "Dir::State::lists=$work/apt/lists" -o APT::Sandbox::User=root)
  logged apt-update "${apt[@]}" update
  (cd "$work/src" && logged apt-source "${apt[@]}" source --download-only python3.11)
  local tarball=("$work"/src/python3.11_"$python_version".orig.tar.*)
  [[ -f "${tarball[0]}" ]] || fail "Debian $suite no longer has CPython $python_version, but $(ls "$work/src"): change python_version here and in base/config.json"
  mkdir "$work/cpython"
  tar -C "$work/cpython" --strip-components=1 -xf "${tarball[0]}"
}

cpython_build() {
  cd "$work/cpython"
  # shellcheck disable=SC2016
  logged configure ./configure --prefix=/usr/local --enable-shared --with-ensurepip=install \
    'LDFLAGS=-Wl,-rpath,/usr/local/lib'
  logged make make -j"$(nproc)"
  logged make-install make install DESTDIR="$work/python"
  cd "$work/python/usr/local"
  find . -depth \( -name __pycache__ -o -path './lib/python*/test' -o -name '*.a' \) -exec rm -rf {} +
  local link
  for link in python:python3 pip:pip3 idle:idle3 pydoc:pydoc3 python-config:python3-config; do
    ln -sf "${link#*:}" "bin/${link%:*}"
  done
}

prefect_install() { # into the tree s3, which is a copy made before anything is mounted
  local root="$work/s3" name pass=()
  for name in PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST PIP_DEFAULT_TIMEOUT \
    http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    [[ -z "${!name:-}" ]] || pass+=("$name=${!name}")
  done
  mkdir "$root/tmp/pip"
  cp -L "${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt}" "$root/tmp/pip/ca.crt"
  [[ ! -f /etc/pip.conf ]] || cp -L /etc/pip.conf "$root/tmp/pip/pip.conf"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  mount -t proc proc "$root/proc"
  logged pip-install env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/root LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 \
    PIP_CERT=/tmp/pip/ca.crt PIP_CONFIG_FILE=/tmp/pip/pip.conf PIP_DISABLE_PIP_VERSION_CHECK=1 "${pass[@]}" \
    /usr/sbin/chroot "$root" /usr/local/bin/pip3 install --no-cache-dir --root-user-action=ignore "$prefect"
  logged pip-check /usr/sbin/chroot "$root" /usr/local/bin/pip3 check
  umount "$root/proc"
  rm -rf "$root/etc/resolv.conf" "$root/tmp/pip" "$root/root/.cache"
  find "$root/usr/local" -depth -name __pycache__ -exec rm -rf {} +
}

(cd "$here/.." && go build -o "$work/mkbase" ./e2e/mkbase)
set -m # the Debian tree in a process group of its own, so that it can be ended as a whole
debian_tree &
debian=$!
set +m
cpython_source
(cpython_build)
wait "$debian" || fail "the Debian tree failed (see above)"
debian=

cp -a "$work/s1" "$work/s2"
cp -a "$work/python/." "$work/s2/"
/usr/sbin/chroot "$work/s2" ldconfig
cp -a "$work/s2" "$work/s3"
mkdir -p "$work/s3/opt/prefect"
prefect_install
[[ -z "$(mounted)" ]] || fail "still mounted: $(mounted)"
cp -a "$work/s3" "$work/s4"
install -m 0755 "$here/base/entrypoint.sh" "$work/s4/opt/prefect/entrypoint.sh"
echo "$prefect" >"$work/s4/opt/prefect/requirements.txt"

"$work/mkbase" build -config "$here/base/config.json" -tag 2-python3.11 -o "$work/layout" \
  "$work/s1" "$work/s2" "$work/s3" "$work/s4" >&2
# What pip must not touch when wheels are downloaded for this base.
/usr/sbin/chroot "$work/s4" /usr/local/bin/python3 -B -m pip freeze --all >"$work/layout/constraints.txt"

mv -T "$work/layout" "$base" 2>/dev/null || [[ -f "$base/index.json" ]] || fail "could not move the result to $base"
# Bases of older recipes are of no use to anyone.
find "$cache" -maxdepth 1 -name 'base-*' ! -path "$base" -mtime +7 -exec rm -rf {} +
say "made $(basename "$base")"
echo "$base"
