package check

import (
	"slices"
	"strings"
)

// injected reports whether the host brings a library when it starts a container: NVIDIA's driver,
// which the container toolkit mounts and which no image may hold in another version than the kernel's.
// Other vendors' runtimes (ROCm, oneAPI, Neuron) are part of the image: the host gives devices alone.
func injected(name string) bool {
	stem, _, ok := strings.Cut(name, ".so")
	if !ok {
		return false
	}
	if strings.HasPrefix(stem, "libnvidia-") {
		return true
	}
	return slices.Contains([]string{
		"libcuda", "libcudadebugger", "libnvcuvid", "libnvoptix", "libvdpau_nvidia",
		"libGLX_nvidia", "libEGL_nvidia", "libGLESv1_CM_nvidia", "libGLESv2_nvidia",
	}, stem)
}
