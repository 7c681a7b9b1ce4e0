package fakebase

import (
	"bytes"
	"compress/gzip"
	"debug/elf"
	"io"
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// The digests are golden: other packages compare what they make from this base with theirs.
func TestSameBytesEverywhere(t *testing.T) {
	x, err := Index()
	if err != nil {
		t.Fatal(err)
	}
	got, err := x.Digest()
	if err != nil {
		t.Fatal(err)
	}
	const want = "sha256:6a9bde9289a315525ae644d1d9fd7bc8097be39991a47eee3dec73774bc75e18"
	if got.String() != want {
		t.Errorf("index digest = %s, want %s", got, want)
	}
}

func TestImageHoldsTogether(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		img, err := Image(arch)
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := img.ConfigFile()
		if err != nil {
			t.Fatalf("%s: config: %v", arch, err)
		}
		ls, err := img.Layers()
		if err != nil || len(ls) != 3 || len(cfg.RootFS.DiffIDs) != 3 {
			t.Fatalf("%s: %d layers, %d DiffIDs, %v", arch, len(ls), len(cfg.RootFS.DiffIDs), err)
		}
		for i, l := range ls {
			rc, err := l.Compressed()
			if err != nil {
				t.Fatal(err)
			}
			zr, err := gzip.NewReader(rc)
			if err != nil {
				t.Fatal(err)
			}
			h, _, err := v1.SHA256(zr)
			if err != nil || h != cfg.RootFS.DiffIDs[i] {
				t.Errorf("%s: layer %d inflates to %s (%v), config says %s", arch, i, h, err, cfg.RootFS.DiffIDs[i])
			}
		}
		if cfg.Architecture != arch || len(cfg.History) != 5 {
			t.Errorf("%s: config is for %s with %d history entries", arch, cfg.Architecture, len(cfg.History))
		}
	}
	if _, err := New("mips"); err == nil {
		t.Error("New accepts an architecture that it cannot make")
	}
}

func TestGzipOfMoreThanOneBlock(t *testing.T) {
	for _, n := range []int{0, 1, 0xffff, 0x10000, 200_000} {
		want := bytes.Repeat([]byte("layer"), n/5+1)[:n]
		r, err := gzip.NewReader(bytes.NewReader(Gzip(want)))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: read back %d bytes, %v", n, len(got), err)
		}
	}
}

// debug/elf reads sections where a dynamic linker reads segments: both must find the same.
func TestELFAsDebugELFReadsIt(t *testing.T) {
	e := ELF{
		Machine: elf.EM_AARCH64, Interp: "/lib/ld.so", Soname: "libx.so.1", Needed: []string{"libc.so.6", "libm.so.6"},
		Runpath: "$ORIGIN", Defines: []string{"libx.so.1", "X_1", "X_2"},
		Requires: []Requirement{{"libc.so.6", []string{"GLIBC_2.17", "GLIBC_2.34"}}, {"libm.so.6", []string{"GLIBC_2.29"}}},
	}
	f, err := elf.NewFile(bytes.NewReader(e.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if f.Machine != e.Machine || f.Progs[1].Type != elf.PT_INTERP {
		t.Errorf("machine %v, second segment %v", f.Machine, f.Progs[1].Type)
	}
	needed, err := f.ImportedLibraries()
	if err != nil || !slices.Equal(needed, e.Needed) {
		t.Errorf("needed %v, %v", needed, err)
	}
	defs, err := f.DynamicVersions()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range defs {
		names = append(names, d.Name)
	}
	if !slices.Equal(names, e.Defines) {
		t.Errorf("defines %v", names)
	}
	needs, err := f.DynamicVersionNeeds()
	if err != nil || len(needs) != 2 || needs[0].Name != "libc.so.6" || len(needs[0].Needs) != 2 || needs[1].Needs[0].Dep != "GLIBC_2.29" {
		t.Errorf("requires %+v, %v", needs, err)
	}
}
