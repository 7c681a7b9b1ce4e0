package cpuid_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/internal/cpuid"
)

// The kernel says the same: a wrong no would only show in the time.
func TestFeatures(t *testing.T) {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		t.Fatal(err)
	}
	_, flags, found := strings.Cut(string(info), "\nflags")
	if !found {
		t.Fatal("/proc/cpuinfo has no flags")
	}
	flags, _, _ = strings.Cut(flags, "\n")
	has := func(names ...string) bool {
		for _, n := range names {
			if !slices.Contains(strings.Fields(flags), n) {
				return false
			}
		}
		return true
	}
	if got, want := cpuid.SHA(), has("ssse3", "sha_ni"); got != want {
		t.Errorf("SHA: %t, the kernel says %t", got, want)
	}
	if got, want := cpuid.BMI2(), has("ssse3", "bmi2"); got != want {
		t.Errorf("BMI2: %t, the kernel says %t", got, want)
	}
}
