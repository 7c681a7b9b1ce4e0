//go:build oracle

package layers

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// otherToolchain has another compress/flate than the Go of go.mod: it changed the bytes of every
// level.
const otherToolchain = "go1.27.1"

// The golden tests hold under another toolchain, so the blobs are equal (docs/design.md, law 4). A
// toolchain that is missing fails the test.
func TestGoldenUnderAnotherToolchain(t *testing.T) {
	if runtime.Version() == otherToolchain {
		t.Fatalf("these tests run under %s themselves: nothing is compared", otherToolchain)
	}
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Env = append(os.Environ(), "GOTOOLCHAIN="+otherToolchain)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s under %s: %v\n%s", strings.Join(args, " "), otherToolchain, err, out)
		}
		return string(out)
	}
	if got := strings.TrimSpace(run("env", "GOVERSION")); got != otherToolchain {
		t.Fatalf("asked for %s, got %s", otherToolchain, got)
	}
	out := run("test", "-count=1", "-v", "-run", "^(TestGolden|TestGoldenHeader|TestSameBytesHoweverItIsRun)$", "./...")
	for test, packages := range map[string]int{"TestGolden": 3, "TestSameBytesHoweverItIsRun": 1} {
		if n := strings.Count(out, "--- PASS: "+test+" ("); n != packages {
			t.Errorf("%s passed in %d packages, want %d\n%s", test, n, packages, out)
		}
	}
}
