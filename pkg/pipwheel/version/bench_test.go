package version

import "testing"

func BenchmarkParse(b *testing.B) {
	for _, s := range []string{"1.26.4", "2.0.0rc1", "1!2.0.post1", "2.4.0+cpu"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompare(b *testing.B) {
	x, y := must("2.10.1"), must("2.10.1.post1")
	b.ReportAllocs()
	for b.Loop() {
		if x.Compare(y) >= 0 {
			b.Fatal("wrong order")
		}
	}
}

func BenchmarkParseSet(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseSet(">=1.21,!=1.22.*,<3"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	s, err := ParseSet(">=1.21,!=1.22.*,<3")
	if err != nil {
		b.Fatal(err)
	}
	v := must("2.1.3")
	b.ReportAllocs()
	for b.Loop() {
		if !s.Match(v, false) {
			b.Fatal("no match")
		}
	}
}
