//go:build !purego

package digest

import (
	"bytes"
	"os"
	"testing"
)

// TestDetectSHA asks another: a wrong no would only show in the time.
func TestDetectSHA(t *testing.T) {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		t.Fatal(err)
	}
	if want := bytes.Contains(info, []byte(" sha_ni")); hasSHA != want {
		t.Errorf("detected %t, the kernel says %t", hasSHA, want)
	}
}
