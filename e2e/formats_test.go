//go:build e2e

package e2e

import (
	"fmt"
	"testing"
)

// testFormats: every format of layers has the same bytes, however many cores make them. Nothing is
// remembered from one build to the next.
func testFormats(t *testing.T, r *rig) {
	wheels := r.nativeAndSmall(t)
	seen := map[string]string{}
	for _, format := range []string{"gzip", "estargz", "zstd"} {
		t.Run(format, func(t *testing.T) {
			for _, cores := range []int{1, 2, 8} {
				// Each time another repository: the registry must not be a cache here.
				line := r.packing(t, fmt.Sprintf("%s/formats/%s-%d:1", r.host, format, cores), wheels)
				got := r.json(t, call{
					args: append(line, "--no-cache", "--compression", format), env: []string{fmt.Sprintf("GOMAXPROCS=%d", cores)},
				}).Digest
				if seen[format] == "" {
					seen[format] = got
				}
				if got != seen[format] {
					t.Errorf("GOMAXPROCS=%d makes %s, GOMAXPROCS=1 %s", cores, got, seen[format])
				}
			}
		})
	}
	if len(seen) != 3 || seen["gzip"] == seen["zstd"] || seen["gzip"] == seen["estargz"] {
		t.Errorf("the formats make %q", seen)
	}
}
