//go:build oracle

package elffacts_test

import (
	"archive/zip"
	"bytes"
	"debug/elf"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/internal/elffacts"
)

// TestAgainstDebugELF compares with the standard library, on every library of this system and, where WHEELS names a
// folder, of the wheels in it. The standard library goes by section headers, this package by segments.
func TestAgainstDebugELF(t *testing.T) {
	n := 0
	for _, dir := range []string{"/usr/lib", "/usr/lib64", "/usr/bin"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || !strings.Contains(path, ".so") && dir != "/usr/bin" {
				return nil
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			if compare(t, path, info.Size(), func() (io.ReadCloser, error) { return os.Open(path) }) {
				n++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 100 {
		t.Errorf("%d ELF files compared; this system should have more", n)
	}
	t.Logf("%d ELF files of this system compared", n)
	if dir := os.Getenv("WHEELS"); dir != "" {
		wheels(t, dir)
	}
}

func wheels(t *testing.T, dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no wheels in %s: %v", dir, err)
	}
	n := 0
	for _, file := range files {
		z, err := zip.OpenReader(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range z.File {
			if compare(t, filepath.Base(file)+": "+e.Name, int64(e.UncompressedSize64), e.Open) {
				n++
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d ELF files of %d wheels compared", n, len(files))
}

// compare reports whether the file is ELF.
func compare(t *testing.T, name string, size int64, open func() (io.ReadCloser, error)) bool {
	opens := 0
	got, err := elffacts.Read(func() (io.ReadCloser, error) { opens++; return open() }, size)
	if errors.Is(err, os.ErrPermission) {
		return false
	}
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return false
	}
	if got == nil {
		return false
	}
	if opens > 3 {
		t.Errorf("%s: opened %d times", name, opens)
	}
	r, err := open()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		if got.Broken == "" {
			t.Logf("%s: the standard library cannot read it: %v", name, err)
		}
		return true
	}
	if diff := cmp.Diff(want(t, name, f, got), got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", name, diff)
	}
	return true
}

// want is what debug/elf says of a file. Machine and Type are names of ours.
func want(t *testing.T, name string, f *elf.File, got *elffacts.Facts) *elffacts.Facts {
	w := &elffacts.Facts{Machine: got.Machine, Type: got.Type, Class: 32, BigEndian: f.Data == elf.ELFDATA2MSB}
	if f.Class == elf.ELFCLASS64 {
		w.Class = 64
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			b, err := io.ReadAll(p.Open())
			if err != nil {
				t.Fatal(err)
			}
			w.Interp = strings.TrimRight(string(b), "\x00")
		}
	}
	one := func(tag elf.DynTag) (string, bool) {
		s, err := f.DynString(tag)
		if err != nil {
			t.Logf("%s: %v", name, err)
		}
		if len(s) == 0 {
			return "", false
		}
		return s[len(s)-1], true
	}
	split := func(s string) []string {
		var out []string
		for p := range strings.SplitSeq(s, ":") {
			if p != "" {
				out = append(out, p)
			}
		}
		return out
	}
	w.Soname, _ = one(elf.DT_SONAME)
	needed, err := f.DynString(elf.DT_NEEDED)
	if err != nil {
		t.Logf("%s: %v", name, err)
	}
	for _, n := range needed {
		if !slices.Contains(w.Needed, n) {
			w.Needed = append(w.Needed, n)
		}
	}
	if s, ok := one(elf.DT_RUNPATH); ok {
		w.Runpath = split(s)
	} else if s, ok := one(elf.DT_RPATH); ok {
		w.Rpath = split(s)
	}
	needs, err := f.DynamicVersionNeeds()
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
		t.Logf("%s: %v", name, err)
	}
	for _, lib := range needs {
		for _, v := range lib.Needs {
			if v.Flags&elf.VER_FLG_WEAK != 0 {
				continue
			}
			if w.Versions == nil {
				w.Versions = map[string][]string{}
			}
			w.Versions[lib.Name] = append(w.Versions[lib.Name], v.Dep)
			var have elffacts.Version
			if rest, ok := strings.CutPrefix(v.Dep, "GLIBC_"); ok && have.UnmarshalText([]byte(rest)) == nil && w.GlibcNeeded.Less(have) {
				w.GlibcNeeded = have
			}
		}
	}
	for _, versions := range w.Versions {
		slices.Sort(versions)
	}
	for lib, versions := range w.Versions {
		w.Versions[lib] = slices.Compact(versions)
	}
	return w
}

// TestLdCacheOfThisSystem compares with ldconfig.
func TestLdCacheOfThisSystem(t *testing.T) {
	b, err := os.ReadFile("/etc/ld.so.cache")
	if err != nil {
		t.Fatal(err)
	}
	got, err := elffacts.LdCache(b)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "/sbin/ldconfig", "-p").Output()
	if err != nil {
		t.Fatal(err)
	}
	var want, have []string
	for line := range strings.Lines(string(out)) {
		if name, path, ok := strings.Cut(strings.TrimSpace(line), " => "); ok {
			name, _, _ = strings.Cut(name, " ")
			want = append(want, name+" "+path)
		}
	}
	for _, c := range got {
		have = append(have, c.Name+" "+c.Path)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-ldconfig +ours)\n%s", diff)
	}
	names, err := json.Marshal(elffacts.CacheNames(got, "x86_64"))
	t.Logf("%d libraries; %d bytes as names (%v)", len(got), len(names), err)
}
