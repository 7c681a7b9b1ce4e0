package spec

import (
	"strings"
	"testing"
)

func TestParseSize(t *testing.T) {
	for given, want := range map[string]int64{
		"0": 0, "1": 1, "1073741824": 1 << 30, "7b": 7, "7 B": 7, "500MB": 500_000_000, "500mb": 500_000_000, "500 MB": 500_000_000,
		"500MiB": 500 << 20, "500m": 500 << 20, "500M": 500 << 20, "2g": 2 << 30, "2GiB": 2 << 30, "2gb": 2_000_000_000, "1k": 1024, "1kB": 1000,
		"1KiB": 1024, "1T": 1 << 40, "1TB": 1_000_000_000_000, "1.5GiB": 3 << 29, "0.5k": 512, "1.0001b": 1, "0.1GB": 100_000_000,
		"9223372036854775807": 1<<63 - 1, "8388607TiB": 8388607 << 40,
	} {
		if got, err := ParseSize(given); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", given, got, err, want)
		}
	}
	for _, given := range []string{
		"", " ", "MB", "-1", "+1", "1e9", "0x10", "1/2", "1,5GB", "1_000", ".5GB", "5.GB", "1.2.3", "5PB", "5mib b", "5bm", "5 5", " 5", "5\n",
		"9223372036854775808", "8388608TiB", "٣", "Inf", "NaN", strings.Repeat("9", 400),
	} {
		if got, err := ParseSize(given); err == nil {
			t.Errorf("%q: %d", given, got)
		}
	}
}

func FuzzParseSize(f *testing.F) {
	for _, s := range []string{"500MB", "2GiB", "1.5g", "1", "x", "1/3", "9223372036854775808"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseSize(s)
		if err == nil && n < 0 {
			t.Fatalf("%q: %d", s, n)
		}
		if err == nil && (s[0] < '0' || s[0] > '9') {
			t.Fatalf("%q is a size", s)
		}
	})
}

func TestMaxLayerSize(t *testing.T) {
	for given, want := range map[string]int64{"": 0, "1": 1, "500MB": 500_000_000} {
		b, err := New(Flags{Base: "h.io/x", Dir: "/p", NoSource: true, MaxLayerSize: given})
		if err != nil || b.MaxLayerSize != want {
			t.Errorf("%q: %v, want %d", given, err, want)
		}
	}
	wants(t, func(f *Flags) { f.MaxLayerSize = "0MB" }, "--max-layer-size 0MB: nothing fits into it; leave it out for layers of any size")
	wants(t, func(f *Flags) { f.MaxLayerSize = "big" }, `--max-layer-size: "big" is no size; write one such as 500MB, 2GiB or 1073741824`)
}
