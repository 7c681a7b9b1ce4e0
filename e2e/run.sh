#!/usr/bin/env bash
# The end-to-end test on real parts: see README.md beside this file.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

bash "$here/install.sh"
LAYERPACK_E2E_BASE="$(bash "$here/base.sh")"
LAYERPACK_E2E_WHEELS="$(bash "$here/wheels.sh" "$LAYERPACK_E2E_BASE")"
LAYERPACK_E2E_SETS="$(bash "$here/sets.sh" "$LAYERPACK_E2E_BASE")"
LAYERPACK_E2E_PARTS="$(bash "$here/parts.sh")"
LAYERPACK_E2E_TORCH="$(bash "$here/torch.sh" "$LAYERPACK_E2E_BASE")"
LAYERPACK_E2E_PREFECT="$(bash "$here/deploy.sh" "$LAYERPACK_E2E_BASE")"
export LAYERPACK_E2E_BASE LAYERPACK_E2E_WHEELS LAYERPACK_E2E_SETS LAYERPACK_E2E_PARTS LAYERPACK_E2E_TORCH LAYERPACK_E2E_PREFECT
export PATH="$PATH:/usr/sbin:${XDG_CACHE_HOME:-$HOME/.cache}/layerpack-e2e/bin"

cd "$here/.."
go test -tags e2e -count=1 -timeout 60m "$@" ./e2e/...
