#!/usr/bin/env bash
# Installs what the end-to-end test needs on Debian 12, as root. Running it twice does nothing
# the second time: the package index is only fetched when a package is missing.
set -euo pipefail

fail() { echo "e2e/install.sh: $*" >&2; exit 1; }

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/layerpack-e2e"
crane_version=v0.22.1
registry_version=v3.1.2
uv_version=0.13.9
tofu_version=v1.9.4

# A registry, what runs the result, and other people's readers of images.
packages=(docker-registry podman runc docker.io skopeo umoci buildah ca-certificates)
# The base: a Debian tree, and what building CPython needs.
packages+=(debootstrap build-essential libssl-dev libsqlite3-dev libffi-dev libbz2-dev
  liblzma-dev zlib1g-dev libreadline-dev libncurses-dev uuid-dev)
# Wheels are downloaded with pip, the small file systems of the full-disk tests need mount.
packages+=(python3 python3-pip mount git make jq)
# Everyone's decoders of layers, and those who pull them whole or lazily; of stargz-snapshotter
# Debian has the client (ctr-remote).
packages+=(gzip pigz isal zstd containerd stargz-snapshotter time)

missing() {
  local p
  for p in "${packages[@]}"; do
    [[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)" == installed ]] || echo "$p"
  done
}

install_packages() {
  local want=("$@") policy=/usr/sbin/policy-rc.d saved
  [[ "$(id -u)" == 0 ]] || fail "not root, and these packages are missing: ${want[*]}; run it as root, or install them"
  command -v apt-get >/dev/null || fail "no apt-get here, and these packages are missing: ${want[*]}; the test is written for Debian 12"

  # The packages of the registry and of Docker start a service when they are configured: exit 101
  # of policy-rc.d forbids it, for as long as this takes.
  saved="$(mktemp -d)"
  [[ ! -e "$policy" ]] || cp -a "$policy" "$saved/policy"
  restore() {
    if [[ -e "$saved/policy" ]]; then cp -a "$saved/policy" "$policy"; else rm -f "$policy"; fi
    rm -rf "$saved"
  }
  trap restore EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy.new"
  chmod 0755 "$policy.new"
  mv "$policy.new" "$policy"

  echo "e2e: installing ${want[*]}" >&2
  apt-get -qq update || fail "apt-get update failed (see above): check the machine's apt sources"
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
    -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 install "${want[@]}" >"$saved/log" 2>&1 || {
    tail -n 40 "$saved/log" >&2
    fail "apt-get install failed (see above) for: ${want[*]}"
  }
  restore
  trap - EXIT
  mapfile -t want < <(missing)
  [[ ${#want[@]} == 0 ]] || fail "apt-get install reported success, but these are not installed: ${want[*]}"
}

install_crane() {
  command -v go >/dev/null || fail "no go in PATH: install Go 1.26 or newer"
  if [[ "$("$cache/bin/crane" version 2>/dev/null || true)" != "$crane_version" ]]; then
    echo "e2e: installing crane $crane_version" >&2
    mkdir -p "$cache/bin"
    (cd / && GOBIN="$cache/bin" GOFLAGS= go install "github.com/google/go-containerregistry/cmd/crane@$crane_version") ||
      fail "go install of crane $crane_version failed (see above): check GOPROXY"
  fi
}

# The registry of today, beside Debian's of 2.8.
install_registry() {
  if [[ "$("$cache/bin/registry" --version 2>/dev/null || true)" != *"$registry_version"* ]]; then
    echo "e2e: installing distribution $registry_version" >&2
    (cd / && CGO_ENABLED=0 GOBIN="$cache/bin" GOFLAGS= go install \
      "github.com/distribution/distribution/v3/cmd/registry@$registry_version") ||
      fail "go install of distribution $registry_version failed (see above): check GOPROXY"
  fi
}

# stargz-snapshotter's daemon, which Debian leaves out of its package, from the same release.
install_stargzd() {
  (cd "$here/stargzd" && CGO_ENABLED=0 GOFLAGS=-buildvcs=false go build -o "$cache/bin/stargzd" .) ||
    fail "go build of stargzd failed (see above): check GOPROXY"
}

# The judge of what is resolved: a program that lies in a wheel.
install_uv() {
  if [[ "$("$cache/bin/uv" --version 2>/dev/null || true)" != "uv $uv_version "* ]]; then
    echo "e2e: installing uv $uv_version" >&2
    local work
    work="$(mktemp -d "$cache/tmp.XXXXXX")"
    python3 -m pip download --quiet --disable-pip-version-check --no-cache-dir --no-deps --only-binary=:all: --dest "$work" \
      "uv==$uv_version" >&2 || fail "pip download of uv $uv_version failed (see above): check pip's configuration"
    python3 -m zipfile -e "$work"/uv-*.whl "$work"
    install -m 0755 "$work/uv-$uv_version.data/scripts/uv" "$cache/bin/uv"
    rm -rf "$work"
  fi
}

# Terraform's own programs come from nowhere that Debian or Go knows: where there is none, OpenTofu takes its place.
install_terraform() {
  ! command -v terraform >/dev/null && [[ ! -x "$cache/bin/terraform" ]] || return 0
  echo "e2e: building OpenTofu $tofu_version, some minutes" >&2
  local work module=github.com/opentofu/opentofu
  work="$(mktemp -d "$cache/tmp.XXXXXX")"
  # Its go.mod replaces a module, so that go install will not have it.
  (cd / && go mod download "$module@$tofu_version") || fail "go mod download of OpenTofu $tofu_version failed (see above): check GOPROXY"
  cp -r --no-preserve=mode "$(go env GOMODCACHE)/$module@$tofu_version" "$work/source"
  (cd "$work/source" && CGO_ENABLED=0 GOFLAGS=-buildvcs=false go build -o "$cache/bin/terraform" ./cmd/tofu) ||
    fail "go build of OpenTofu failed (see above): check GOPROXY"
  rm -rf "$work"
}

mapfile -t want < <(missing)
[[ ${#want[@]} == 0 ]] || install_packages "${want[@]}"
install_crane
install_registry
install_stargzd
install_uv
install_terraform

for tool in docker-registry podman runc dockerd /usr/bin/docker skopeo umoci buildah debootstrap \
  git make jq gzip pigz unpigz igzip zstd containerd ctr ctr-remote "$cache/bin/crane" "$cache/bin/registry" "$cache/bin/stargzd" "$cache/bin/uv"; do
  command -v "$tool" >/dev/null || PATH="$PATH:/usr/sbin" command -v "$tool" >/dev/null ||
    fail "$tool is missing although its package is installed"
done
