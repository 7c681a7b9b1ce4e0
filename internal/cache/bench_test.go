package cache

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// large are contents as of a Prefect image: 36,000 paths, and 60 wheels with the facts of their
// files.
func large(b testing.TB) *Contents {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("core test utils config client server models schema types async cache init base json http data event flow task state")
	name := func() string {
		return words[r.IntN(len(words))] + "_" + words[r.IntN(len(words))] + fmt.Sprint(r.IntN(90))
	}
	c := &Contents{Subject: subject, Wheels: map[string][]byte{}}
	var tree, owned, head bytes.Buffer
	for range 3000 {
		dir := name()
		tree.WriteString("\t\t\t\t" + dir + " d755\n")
		for range 11 {
			f := name()
			fmt.Fprintf(&tree, "\t\t\t\t\t%s.py f644 %d\n", f, r.IntN(40000))
			fmt.Fprintf(&owned, `{"path":"usr/local/lib/python3.11/site-packages/%s/%s.py","sha256":"%s"},`, dir, f, hash(f+dir).Hex)
		}
	}
	for range 150 {
		fmt.Fprintf(&head, `{"name":%q,"version":"%d.%d","requires":["%s>=1","%s<3; extra == 'x'"]},`, name(), r.IntN(9), r.IntN(90), name(), name())
	}
	c.Profile = Profile{Head: head.Bytes(), Tree: tree.Bytes(), Owned: owned.Bytes()}
	for i := range 60 {
		file := fmt.Sprintf("%s%d-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", name(), i)
		var facts bytes.Buffer
		for range 30 {
			fmt.Fprintf(&facts, `"usr/local/lib/python3.11/site-packages/%s/%s.so":{"needed":["libc.so.6","libm.so.6","lib%s.so"],"versions":["GLIBC_2.%d"]},`, name(), name(), name(), r.IntN(38))
		}
		c.Layers = append(c.Layers, entry(b, facts.String(), file))
		c.Wheels[hash(file).Hex] = bytes.Repeat([]byte("Requires-Dist: "+name()+"\n"), 40)
	}
	return c
}

// BenchmarkDecode is what a machine with an empty cache does for the profile and all facts.
func BenchmarkDecode(b *testing.B) {
	c := large(b)
	e := encoded(b, c)
	n := 0
	for _, s := range c.sections() {
		n += len(s.data)
	}
	b.SetBytes(int64(n))
	b.ReportAllocs()
	for b.Loop() {
		m, err := ParseManifest(e.Manifest.Bytes, subject)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := m.Contents(e.Facts.Bytes); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(e.Facts.Bytes)), "blob-bytes")
	b.ReportMetric(float64(len(e.Manifest.Bytes)), "manifest-bytes")
}

func BenchmarkEncode(b *testing.B) {
	c := large(b)
	for b.Loop() {
		encoded(b, c)
	}
}

// BenchmarkMergeSame is what every run does that has nothing new.
func BenchmarkMergeSame(b *testing.B) {
	c := large(b)
	for b.Loop() {
		if _, changed := Merge(c, c); changed {
			b.Fatal("changed")
		}
	}
}
