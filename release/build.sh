#!/usr/bin/env bash
# A release: static programs for Linux and macOS, container images of layerpack, and checksums.
#
#   release/build.sh VERSION OUTDIR [COMMIT]
#
# What is built is a commit (default HEAD), never the working tree: a clone of it gets the tag VERSION, and Go
# writes version and commit into the programs, as `layerpack version` and `go version -m` tell.
# The same commit, VERSION and Go give the same bytes, wherever and by whom this is run.
set -euo pipefail
umask 022

usage="usage: release/build.sh VERSION OUTDIR [COMMIT]"
version=${1:?$usage}
out=${2:?$usage}
commit=${3:-HEAD}
if ! [[ $version =~ ^v[01]\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z]+(\.[0-9A-Za-z]+)*)?$ ]]; then
  echo "release: version $version: write v0.1.0 or v0.1.0-rc.1; from v2 on the module has another path" >&2
  exit 2
fi
mkdir -p "$out"
out=$(cd "$out" && pwd)
if [ -n "$(ls -A "$out")" ]; then
  echo "release: $out is not empty: name a new folder" >&2
  exit 2
fi
repository=$(cd "$(dirname "$0")" && git rev-parse --show-toplevel)
commit=$(git -C "$repository" rev-parse --verify "$commit^{commit}")

# What the user has set for other builds does not go into these.
unset GOEXPERIMENT GODEBUG GO111MODULE GOOS GOARCH
export GOFLAGS="-mod=readonly -trimpath -buildvcs=true" GOWORK=off CGO_ENABLED=0 GOAMD64=v1 GOARM64=v8.0 GOFIPS140=off

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# No tag but ours: Go takes the highest that the commit has.
git clone --quiet --no-tags --no-checkout "$repository" "$work/layerpack"
cd "$work/layerpack"
git checkout --quiet --detach "$commit"
git tag "$version"

for platform in linux-amd64 linux-arm64 darwin-amd64 darwin-arm64; do
  GOOS=${platform%-*} GOARCH=${platform#*-} go build -ldflags "-s -w -buildid=" -o "$out/layerpack-$platform" ./cmd/layerpack
done
for program in "$out"/layerpack-*; do
  if ! go version -m "$program" | grep -q "^	mod	github.com/layerpack/layerpack	$version"; then
    echo "release: ${program##*/} does not say that it is $version; was git found?" >&2
    exit 1
  fi
done
# Go stamps none but modules that are built from a repository: the base is not one of them.
GOFLAGS="-mod=readonly -trimpath" release/image.sh "$out" "$out" "$version"

cp LICENSE "$out"
cd "$out"
sha256sum -- * >"$work/SHA256SUMS"
cp "$work/SHA256SUMS" SHA256SUMS
