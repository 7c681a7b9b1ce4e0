package layers

import (
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/splice"
)

func TestCopiedFrom(t *testing.T) {
	lying := func(n int64) Entry { return Entry{Kind: File, Size: 2 * n, Deflate: &Span{Len: n}} }
	for _, c := range []struct {
		name    string
		entries []Entry
		want    int64
	}{
		{"nothing to copy", []Entry{dir("d"), file("d/x", "x")}, smallSplice},
		{"short ones only", []Entry{lying(5000), lying(splice.MinSplice - 1)}, splice.MinSplice},
		{"many short ones", []Entry{lying(40_000), lying(10_001)}, splice.MinSplice},
		{"few short ones", []Entry{lying(40_000), lying(10_000)}, smallSplice},
		{"long ones only", []Entry{lying(splice.MinSplice)}, smallSplice},
	} {
		if got := copiedFrom(c.entries); got != c.want {
			t.Errorf("%s: copied from %d bytes on, want %d", c.name, got, c.want)
		}
	}
}
