#!/usr/bin/env bash
# Downloads and unpacks what Debian has for the variants of the base: unixODBC (PyODBC), and a small
# base for arm64, made of Debian's packages and never run (Platform). Prints the folder with
# unixodbc.tar, a layer, and arm64, an OCI layout. The result is kept, under a key of this recipe.
set -euo pipefail
umask 022

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/layerpack-e2e"
suite=bookworm

say() { echo "e2e: parts: $*" >&2; }
fail() { say "$*"; exit 1; }

key="$(sha256sum "$here/parts.sh" | cut -c1-16)"
parts="$cache/parts-$key"
if [[ -d "$parts" ]]; then
  echo "$parts"
  exit 0
fi
mkdir -p "$cache"
work="$(mktemp -d "$cache/tmp.XXXXXX")"
trap 'rm -rf "$work"' EXIT
out="$work/parts"
say "making $(basename "$parts")"

mirror="$(apt-get indextargets 'Created-By: Packages' --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' |
  awk -v s="$suite" '$2 == s && $3 == "main" { print $1; exit }')"
[[ -n "$mirror" ]] || fail "no source of Debian $suite main in this machine's apt configuration"

# debs ARCH DIR PACKAGE...: with lists and a state that are the business of this script alone.
debs() {
  local arch="$1" dir="$2" apt
  shift 2
  mkdir -p "$work/apt-$arch/lists/partial" "$work/apt-$arch/cache/archives/partial" "$dir"
  : >"$work/apt-$arch/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/apt-$arch/sources.list"
  apt=(apt-get -qq -o "APT::Architecture=$arch" -o "APT::Architectures=$arch" -o APT::Sandbox::User=root
    -o "Dir::Etc::sourcelist=$work/apt-$arch/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::status=$work/apt-$arch/status"
    -o "Dir::State::lists=$work/apt-$arch/lists" -o "Dir::Cache=$work/apt-$arch/cache" -o Acquire::Languages=none)
  "${apt[@]}" update >&2
  (cd "$dir" && "${apt[@]}" download "$@" >&2)
}

unpack() { # unpack DEBS ROOT: over folders that are links, as in a base with a merged /usr
  local deb
  mkdir -p "$2"
  for deb in "$1"/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$2" --keep-directory-symlink -p --same-owner
  done
}

debs amd64 "$work/odbc" unixodbc unixodbc-common libodbc2 libodbcinst2 odbcinst libltdl7
unpack "$work/odbc" "$work/odbc-root"
rm -rf "$work/odbc-root/usr/share"
mkdir -p "$out"
tar -C "$work/odbc-root" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$out/unixodbc.tar" .

debs arm64 "$work/arm" base-files libc6 libgcc-s1 libstdc++6 zlib1g libexpat1 libssl3 libffi8 libbz2-1.0 liblzma5 \
  libsqlite3-0 libncursesw6 libtinfo6 libreadline8 libuuid1 libdb5.3 libnsl2 libtirpc3 \
  python3-minimal python3 python3.11-minimal python3.11 libpython3.11-minimal libpython3.11-stdlib libpython3-stdlib
root="$work/arm-root"
mkdir -p "$root"/usr/{bin,sbin,lib}
ln -s usr/bin usr/sbin usr/lib "$root"
unpack "$work/arm" "$root"
rm -rf "$root"/usr/share/{doc,man,locale}
tar -C "$root" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$work/arm.tar" .
umoci init --layout "$out/arm64"
umoci new --image "$out/arm64:python"
umoci raw add-layer --image "$out/arm64:python" "$work/arm.tar"
umoci config --image "$out/arm64:python" --os linux --architecture arm64 --created 2024-12-10T18:03:11Z \
  --config.env PATH=/usr/local/bin:/usr/bin:/bin --config.cmd python3
umoci gc --layout "$out/arm64"

mv -T "$out" "$parts" 2>/dev/null || [[ -d "$parts" ]]
find "$cache" -maxdepth 1 -name 'parts-*' ! -path "$parts" -mtime +7 -exec rm -rf {} +
say "made $(basename "$parts")"
echo "$parts"
