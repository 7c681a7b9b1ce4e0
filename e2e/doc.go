// Package e2e runs layerpack against real parts: a base with the layout of Prefect's own image,
// Debian's docker-registry, wheels from pip, and podman and Docker to run what comes out.
//
// The tests carry the build tag e2e and need root on Debian 12; run.sh installs and makes what they
// need. A part that is missing fails them: nothing is skipped.
package e2e
