package lockfile

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/requirement"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// wheel is a file at an index.
func wheel(name, digest string) File {
	return File{URL: "https://h/" + name, Size: 5, Hashes: map[string]string{"sha256": digest}}
}

// resolutions are what four environments need: one package alike, one in two versions, one for some machines, one for one
// environment alone.
func resolutions() []Resolution {
	var out []Resolution
	for _, machine := range []string{"x86_64", "aarch64"} {
		for _, python := range []string{"3.11.2", "3.12.0"} {
			minor := strings.ReplaceAll(python[:4], ".", "")
			n := map[string]string{"311": "1.0", "312": "2.0"}[minor]
			r := Resolution{Environment: marker.Linux(machine, python, "cpython"), Packages: []Package{
				{Name: "same", Version: "1", Index: "https://i", Wheels: []File{wheel("same-1-cp"+minor+"-cp"+minor+"-linux_"+machine+".whl", "0")}},
				{Name: "numpy", Version: n, Index: "https://i", Wheels: []File{wheel("numpy-"+n+"-py3-none-any.whl", "1")}},
			}}
			if machine == "x86_64" {
				r.Packages = append(r.Packages, Package{Name: "greenlet", Version: "3", Wheels: []File{wheel("greenlet-3-py3-none-any.whl", "2")}})
			}
			if machine == "aarch64" && minor == "312" || machine == "x86_64" && minor == "311" {
				r.Packages = append(r.Packages, Package{Name: "odd", Version: "3", Archive: &Archive{File: wheel("odd-3-py3-none-any.whl", "3")}})
			}
			out = append(out, r)
		}
	}
	return out
}

// TestMergedLock compares a merged lock with testdata/merged.toml, made in several orders and on one processor and many.
func TestMergedLock(t *testing.T) {
	golden, err := os.ReadFile("testdata/merged.toml")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	all := resolutions()
	for i := range 4 {
		procs := runtime.GOMAXPROCS(1 + i)
		p, err := Merge(all)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(p.Packages)
		var b bytes.Buffer
		if err := Write(&b, p); err != nil {
			t.Fatal(err)
		}
		runtime.GOMAXPROCS(procs)
		if diff := cmp.Diff(string(golden), b.String()); diff != "" {
			t.Fatalf("order %d: %s", i, diff)
		}
		all = append(all[1:], all[0])
		slices.Reverse(all[0].Packages)
	}
	lock, err := ParsePylock("pylock.toml", golden)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range resolutions() {
		for _, p := range lock.Packages {
			in := slices.ContainsFunc(r.Packages, func(o Package) bool { return o.identity() == p.identity() })
			if holds, err := p.Marker.Evaluate(r.Environment); err != nil || holds != in {
				t.Errorf("%s %s on %s %s: %v, %v", p.Name, p.Version, r.Environment.PlatformMachine, r.Environment.PythonVersion, holds, err)
			}
		}
	}
}

func TestMergeRefuses(t *testing.T) {
	r := resolutions()
	_, err := Merge([]Resolution{r[0], r[0]})
	refused(t, err, "is there twice")
	twice := Resolution{Environment: r[0].Environment, Packages: []Package{r[0].Packages[0], r[0].Packages[0]}}
	_, err = Merge([]Resolution{twice})
	refused(t, err, "same is there twice")
	other := resolutions()[1]
	other.Packages[0].Wheels = []File{wheel(r[0].Packages[0].Wheels[0].FileName(), "f")}
	_, err = Merge([]Resolution{r[0], other})
	refused(t, err, "the same file has two hashes")
}

// TestWriteKeepsAll writes every kind of entry, and reads the same from it.
func TestWriteKeepsAll(t *testing.T) {
	set, err := version.ParseSet(">=3.9,<4")
	if err != nil {
		t.Fatal(err)
	}
	odd, err := marker.Parse(`sys_platform == 'a"b' or 'x' in extras`)
	if err != nil {
		t.Fatal(err)
	}
	file := File{Name: "a-1-py3-none-any.whl", Path: "w/\u00e9 \"q\"\\\x01.whl", Size: 3, UploadTime: time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC), Hashes: map[string]string{"sha256": "0", "blake2 b": "1"}}
	p := &Pylock{
		LockVersion: "1.0", CreatedBy: "layerpack", Environments: []marker.Marker{}, RequiresPython: set, Extras: []string{"x"}, DependencyGroups: []string{"dev"}, DefaultGroups: []string{"dev"},
		Packages: []Package{
			{Name: "a", Version: "1", Marker: odd, RequiresPython: set, Index: "https://i", Wheels: []File{file}, Sdist: &File{URL: "https://h/a-1.tar.gz", Hashes: map[string]string{"sha512": "2"}}},
			{Name: "b", Archive: &Archive{File: wheel("b-1.zip", "0"), Subdirectory: "s"}},
			{Name: "c", VCS: &VCS{"git", "https://h/r", "", "main", "0f", "s"}},
			{Name: "d", Directory: &Directory{"d", true, "s"}},
		},
		file: "pylock.toml",
	}
	var b bytes.Buffer
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	again, err := ParsePylock("pylock.toml", b.Bytes())
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	if diff := cmp.Diff(p, again, cmp.AllowUnexported(Pylock{}), cmp.Comparer(func(a, b marker.Marker) bool { return a.String() == b.String() }), cmp.Comparer(func(a, b version.Set) bool { return a.String() == b.String() })); diff != "" {
		t.Errorf("%s\n%s", diff, b.String())
	}
	if err := Write(failing{}, p); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("%v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestLockedPackage(t *testing.T) {
	l := Locked{Name: "a", Version: "1", File: "a-1+2-py3-none-any.whl", URL: "https://h/a-1%2B2-py3-none-any.whl", Hashes: requirement.Hashes{"sha256": {"0"}}, Index: "https://i", Size: 3}
	p, err := l.Package()
	if err != nil || len(p.Wheels) != 1 || p.Wheels[0].Name != "" || p.Wheels[0].FileName() != l.File || p.Wheels[0].Hashes["sha256"] != "0" || p.Index != "https://i" {
		t.Errorf("%+v, %v", p, err)
	}
	if l.Direct = true; true {
		p, err = l.Package()
	}
	if err != nil || p.Archive == nil || p.Archive.FileName() != l.File {
		t.Errorf("%+v, %v", p, err)
	}
	l.AnyHash = true
	if _, err = l.Package(); err == nil {
		t.Error("a package without a file was locked")
	}
}
