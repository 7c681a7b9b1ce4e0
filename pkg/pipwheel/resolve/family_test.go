package resolve

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// family is n releases of distributions that move along together, each with a narrow range of the other, as boto3 and
// botocore do.
func family(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "boto3 1.%d.0: botocore>=1.%d.0,<1.%d.0 | s3transfer\n", i, i, i+1)
		fmt.Fprintf(&b, "botocore 1.%d.0: urllib3%s\n", i, map[bool]string{true: "<2", false: ">=2"}[i < n/2])
		if i%10 == 0 {
			fmt.Fprintf(&b, "aiobotocore 2.%d.0: botocore>=1.%d.0,<1.%d.0\n", i, max(0, i-7), max(0, i-6))
		}
	}
	b.WriteString("s3transfer 1: botocore\nurllib3 1.26\nurllib3 2.0\n")
	return b.String()
}

// A thousand releases are searched without reading a thousand files.
func TestFamily(t *testing.T) {
	const n = 1000
	for _, c := range []struct {
		name, lines, want string
		most              int // metadata files
	}{
		{"the newest", "ask boto3", "boto3 1.999.0\nbotocore 1.999.0\ns3transfer 1\nurllib3 2.0", 4},
		{"an older botocore", "ask boto3\nask botocore<1.321", "boto3 1.320.0\nbotocore 1.320.0\ns3transfer 1\nurllib3 1.26", 60},
		{"a locked botocore", "ask boto3\nask botocore==1.37.0", "boto3 1.37.0\nbotocore 1.37.0\ns3transfer 1\nurllib3 1.26", 60},
		// Each of the hundred older releases could be the one that goes with the newest boto3: uv reads them all, too.
		{"another that pins it", "ask boto3\nask aiobotocore", "aiobotocore 2.990.0\nboto3 1.983.0\nbotocore 1.983.0\ns3transfer 1\nurllib3 2.0", 140},
		{"an older urllib3", "ask boto3\nask botocore\nask urllib3<2", "boto3 1.499.0\nbotocore 1.499.0\ns3transfer 1\nurllib3 1.26", 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := parseWorld(t, family(n)+c.lines)
			got, err := w.resolve()
			if err != nil || got != c.want {
				t.Errorf("got %v\n%s\nwant\n%s", err, got, c.want)
			}
			if m := w.metadataAsked(); m > c.most {
				t.Errorf("%d metadata files were asked for, want at most %d", m, c.most)
			} else {
				t.Logf("%d metadata files", m)
			}
			for what, times := range w.asked {
				if times > 1 {
					t.Errorf("%s was asked for %d times", what, times)
				}
			}
		})
	}
}

// chained is n distributions, each of which needs the next one and a few others, ten versions of each.
func chained(n int) string {
	var b strings.Builder
	for i := range n {
		for v := 1; v <= 10; v++ {
			fmt.Fprintf(&b, "p%d %d.0: ", i, v)
			for _, j := range []int{i + 1, i + 7, i*3 + 1} {
				if j < n {
					fmt.Fprintf(&b, "p%d>=%d,!=5.1,<20 | ", j, v/2)
				}
			}
			b.WriteString("p0>=1; extra == \"never\"\n")
		}
	}
	b.WriteString("ask p0\n")
	return b.String()
}

func TestChain(t *testing.T) {
	w := parseWorld(t, chained(200))
	s, err := Resolve(context.Background(), w.in, w)
	if err != nil || len(s.Packages) != 200 {
		t.Fatal(s, err)
	}
	if m := w.metadataAsked(); m != 200 {
		t.Errorf("%d metadata files were asked for, want 200", m)
	}
}

func BenchmarkResolve(b *testing.B) {
	for _, n := range []int{100, 200} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := parseWorld(b, chained(n))
			for b.Loop() {
				if _, err := Resolve(context.Background(), w.in, w); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("family", func(b *testing.B) {
		w := parseWorld(b, family(1000)+"ask boto3\nask aiobotocore")
		for b.Loop() {
			if _, err := Resolve(context.Background(), w.in, w); err != nil {
				b.Fatal(err)
			}
		}
	})
}
