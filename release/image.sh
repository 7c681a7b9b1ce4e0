#!/usr/bin/env bash
# Container images of layerpack, built by layerpack: an archive for each platform.
#
#   release/image.sh PROGRAMS OUTDIR VERSION
#
# PROGRAMS holds layerpack-OS-ARCH for linux-amd64, linux-arm64 and for this machine. The base is made by
# release/base: a /tmp and root certificates. The user is a number, as runAsNonRoot asks.
set -euo pipefail

usage="usage: release/image.sh PROGRAMS OUTDIR VERSION"
programs=$(cd "${1:?$usage}" && pwd)
out=$(cd "${2:?$usage}" && pwd)
version=${3:?$usage}
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go run ./base "$work/base"
for arch in amd64 arm64; do
  "$programs/layerpack-$(go env GOHOSTOS)-$(go env GOHOSTARCH)" --base "oci:$work/base" --platform "linux/$arch" --no-source \
    --file "$programs/layerpack-linux-$arch:/usr/bin/layerpack" --entrypoint /usr/bin/layerpack --user 65532:65532 \
    --label org.opencontainers.image.title=layerpack --label "org.opencontainers.image.version=$version" \
    --label org.opencontainers.image.licenses=Apache-2.0 \
    --no-cache --quiet -o "oci-archive:$out/layerpack-image-linux-$arch.tar:layerpack:$version"
done
