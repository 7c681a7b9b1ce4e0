package pipwheel_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// manyFiles is a wheel of n small files.
func manyFiles(b *testing.B, n int) []byte {
	b.Helper()
	files := make([]member, 0, n)
	for i := range n {
		name := fmt.Sprintf("demo/package%d/module%d/file%d.py", i/500, i/25, i)
		files = append(files, member{name: name, body: "x = 1\n"})
	}
	return forge(b, demo, files...)
}

func BenchmarkOpen(b *testing.B) {
	data := manyFiles(b, 4000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := open(data, demo); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkInstall(b *testing.B) {
	data := manyFiles(b, 4000)
	w, err := open(data, demo)
	if err != nil {
		b.Fatal(err)
	}
	target := library("3.11")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Install(target, pipwheel.How{Requested: true}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFromFacts(b *testing.B) {
	w, err := open(manyFiles(b, 4000), demo)
	if err != nil {
		b.Fatal(err)
	}
	facts, err := w.Facts()
	if err != nil {
		b.Fatal(err)
	}
	target := library("3.11")
	b.ReportAllocs()
	for b.Loop() {
		known, err := pipwheel.FromFacts(bytes.Clone(facts), demo, pipwheel.Options{}, nil)
		if err == nil {
			_, err = known.Install(target, pipwheel.How{Requested: true})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
