#!/usr/bin/env bash
# Measures layerpack beside its peers and writes docs/performance.md. Needs what e2e/install.sh needs (Debian 12,
# root) and shares its cache.
#
#   BENCH_ROUNDS  how often everything is measured (3)
#   BENCH_PARTS   layers,runs or one of them
#   BENCH_PAGE    page to write (docs/performance.md); empty: none, standard output only
#   BENCH_LAYERPACK  a layerpack that is there, in place of one built from this checkout
#
# Arguments are handed to the program, whose flags the last lines show.
set -euo pipefail
umask 022

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(dirname "$here")"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/layerpack-e2e"
bin="$cache/bench/bin"
newer=go1.27.1
crane=v0.22.1
buildkit=v0.26.3
export PATH="$PATH:/usr/sbin"

say() { echo "bench: $*" >&2; }

bash "$root/e2e/install.sh"
base="$(bash "$root/e2e/base.sh")"
sets="$(bash "$root/e2e/sets.sh" "$base")"
mkdir -p "$bin/$newer" "$bin/buildkit-$buildkit"

# The bench is a module of its own, so that peers are no dependencies of layerpack; the checks of the
# checkout do not reach it.
cd "$here"
go vet ./...
go test ./...
go build -o "$bin/bench" .
GOTOOLCHAIN="$newer" go build -o "$bin/bench-$newer" .
(cd "$root" && go build -o "$bin/mkbase" ./e2e/mkbase)
layerpack="${BENCH_LAYERPACK:-$bin/layerpack}"
[[ -n "${BENCH_LAYERPACK:-}" ]] || (cd "$root" && CGO_ENABLED=0 go build -trimpath -o "$layerpack" ./cmd/layerpack)

# crane of e2e is built with the Go that is here; this is the other one.
if [[ "$(go version "$bin/$newer/crane" 2>/dev/null)" != *"$newer" ]]; then
  say "building crane $crane with $newer"
  (cd / && GOTOOLCHAIN="$newer" GOBIN="$bin/$newer" GOFLAGS='' go install "github.com/google/go-containerregistry/cmd/crane@$crane")
fi

# BuildKit cannot be installed by version (its go.mod excludes modules), but be a tool of an empty module.
if [[ ! -x "$bin/buildkit-$buildkit/buildkitd" ]]; then
  say "building BuildKit $buildkit, two minutes"
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' EXIT
  (
    cd "$work"
    printf 'module buildkit\n\ngo 1.26.0\n' >go.mod
    GOFLAGS='' go get -tool "github.com/moby/buildkit/cmd/buildkitd@$buildkit" "github.com/moby/buildkit/cmd/buildctl@$buildkit" 2>"$work/log" ||
      { cat "$work/log" >&2; exit 1; }
    CGO_ENABLED=0 GOFLAGS='' go build -o "$work/" github.com/moby/buildkit/cmd/buildkitd github.com/moby/buildkit/cmd/buildctl
  )
  mv "$work/buildctl" "$work/buildkitd" "$bin/buildkit-$buildkit/"
fi

"$bin/bench" -rounds "${BENCH_ROUNDS:-3}" -parts "${BENCH_PARTS:-layers,runs}" -page "${BENCH_PAGE-$root/docs/performance.md}" \
  -wheels "$sets/many" -small "$here/sets/small.txt" -native "$here/sets/native.txt" -image "$here/sets/image.txt" \
  -newer "$bin/bench-$newer" -layerpack "$layerpack" -mkbase "$bin/mkbase" -base "$base" \
  -crane "$cache/bin/crane" -crane-newer "$bin/$newer/crane" -buildkit "$bin/buildkit-$buildkit" -buildkit-version "$buildkit" "$@"
