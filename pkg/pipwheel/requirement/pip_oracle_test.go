//go:build oracle

package requirement

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// pipCase is how pip reads one file.
type pipCase struct {
	File, Error  string
	Requirements []pipRequirement
	Options      pipOptions
}

type pipRequirement struct {
	Name, Specifier, Version, Marker, Link, Filename, LinkHash, File string
	Extras                                                           []string
	Editable, Constraint, Wheel                                      bool
	Hashes                                                           map[string][]string
	Line                                                             int
}

type pipOptions struct {
	Index, Trusted []string
	FindLinks      []string `json:"find_links"`
	NoIndex        bool     `json:"no_index"`
	NoBinary       []string `json:"no_binary"`
	OnlyBinary     []string `json:"only_binary"`
	AllReleases    []string `json:"all_releases"`
	OnlyFinal      []string `json:"only_final"`
	PreferBinary   bool     `json:"prefer_binary"`
	Require        bool
	NoRequire      bool `json:"no_require"`
}

// TestPipReadsTheSame compares our reading of 300 files with that of the newest pip of the configured index.
func TestPipReadsTheSame(t *testing.T) {
	dir := t.TempDir()
	out := runPip(t, dir)
	variables := map[string]string{"VERSION_A": ">=1", "EMPTY": "", "USER_1": "u", "PASS": "s3cret", "NUM": "4", "CHAIN": "1${NUM}"}
	reader := Reader{Open: os.ReadFile, Getenv: func(name string) (string, bool) { v, ok := variables[name]; return v, ok }}
	files, refused, requirements := 0, 0, 0
	scan := bufio.NewScanner(bytes.NewReader(out))
	scan.Buffer(nil, 16<<20)
	for scan.Scan() {
		var want pipCase
		if err := json.Unmarshal(scan.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		files++
		got, err := reader.Files([]string{want.File}, nil)
		switch {
		case (err != nil) != (want.Error != ""):
			t.Errorf("%s: error %v, pip's %q\n%s", want.File, err, want.Error, mustRead(t, want.File))
			continue
		case err != nil:
			refused++
			if !refusal.Is(err) && !strings.Contains(want.Error, "No such file") {
				t.Errorf("%s: not a refusal: %v", want.File, err)
			}
			continue
		}
		requirements += len(want.Requirements)
		if diff := cmp.Diff(normal(t, want.Requirements), normal(t, ours(got))); diff != "" {
			t.Errorf("%s: pip -, ours +\n%s\n%s", want.File, diff, mustRead(t, want.File))
		}
		if diff := cmp.Diff(want.Options.clean(), ourOptions(got)); diff != "" {
			t.Errorf("%s: pip -, ours +\n%s\n%s", want.File, diff, mustRead(t, want.File))
		}
	}
	t.Logf("%d files: %d read with %d requirements, %d refused by both", files, files-refused, requirements, refused)
	if files != 300 || requirements < 500 || refused < 50 {
		t.Error("the files are not what they were meant to be")
	}
}

func runPip(t *testing.T, dir string) []byte {
	t.Helper()
	name := os.Getenv("PYTHON3")
	if name == "" {
		name = "python3"
	}
	script, err := filepath.Abs("pip_oracle.py")
	if err != nil {
		t.Fatal(err)
	}
	venv := filepath.Join(t.TempDir(), "venv")
	python := filepath.Join(venv, "bin", "python")
	for _, args := range [][]string{
		{name, "-m", "venv", venv},
		{python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "pip"},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("the oracle needs Python 3 (PYTHON3 names it): %v: %v\n%s", args, err, out)
		}
	}
	cmd := exec.Command(python, "-B", "-W", "ignore", script)
	cmd.Dir = dir
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.Bytes())
	}
	return out
}

// ours describes a set as the script does, in pip's order.
func ours(s *Set) []pipRequirement {
	var out []pipRequirement
	for i, list := range [][]Requirement{s.Requirements, s.Constraints} {
		for _, r := range list {
			p := pipRequirement{
				Name: r.Name, Specifier: r.Specifiers.String(), Marker: r.Marker.String(), Extras: r.ExtraKeys(), Editable: r.Build == buildEditable,
				Constraint: i == 1, Wheel: r.Wheel != nil, Hashes: r.Hashes, File: r.Origin.File, Line: r.Origin.Line,
			}
			if r.Build != "" {
				p.Link = r.Build
			}
			if r.Wheel != nil {
				p.Filename, p.LinkHash, p.Link = r.Wheel.File, r.Wheel.Hash, r.Wheel.URL+r.Wheel.Path
			}
			out = append(out, p)
		}
	}
	return out
}

// normal leaves out what is spelled differently and meant equally, and what we do not keep: of
// what must be built only the place, the name and the marker count.
func normal(t *testing.T, all []pipRequirement) []pipRequirement {
	t.Helper()
	out := append([]pipRequirement{}, all...)
	for i := range out {
		r := &out[i]
		if r.Marker != "" {
			m, err := marker.Parse(r.Marker)
			if err != nil {
				t.Fatal(err)
			}
			r.Marker = m.String()
		}
		set, err := version.ParseSet(r.Specifier)
		if err != nil {
			t.Fatal(err)
		}
		r.Specifier, r.Version = set.String(), ""
		if r.Editable || r.Link != "" && !r.Wheel {
			r.LinkHash, r.Filename, r.Extras = "", "", nil
		}
		if len(r.Extras) == 0 {
			r.Extras = nil
		}
		if len(r.Hashes) == 0 {
			r.Hashes = nil
		}
		if strings.HasPrefix(r.LinkHash, "md5") {
			r.LinkHash = ""
		}
		for j, extra := range r.Extras {
			r.Extras[j] = distname.Normalize(extra)
		}
		r.Link = ""
		if r.Wheel {
			r.Name = strings.ReplaceAll(strings.ToLower(r.Name), "_", "-")
		}
	}
	slices.SortStableFunc(out, func(a, b pipRequirement) int {
		if a.Constraint != b.Constraint {
			if b.Constraint {
				return -1
			}
			return 1
		}
		return 0
	})
	return out
}

func ourOptions(s *Set) pipOptions {
	o := s.Options
	p := pipOptions{
		Index: []string{}, Trusted: nonNil(o.TrustedHosts), FindLinks: []string{}, NoIndex: o.NoIndex, NoBinary: sorted(o.NoBinary),
		OnlyBinary: sorted(o.OnlyBinary), AllReleases: sorted(o.AllReleases), OnlyFinal: sorted(o.OnlyFinal), PreferBinary: o.PreferBinary,
		Require: o.RequireHashes, NoRequire: o.NoRequireHashes,
	}
	switch {
	case o.IndexURL != "":
		p.Index = append(p.Index, o.IndexURL)
	case !o.NoIndex:
		p.Index = append(p.Index, "configured")
	}
	p.Index = append(p.Index, o.ExtraIndexURLs...)
	for _, l := range o.FindLinks {
		if _, err := os.Stat(l.Beside); err == nil && l.Beside != "" {
			l.Location = l.Beside
		}
		p.FindLinks = append(p.FindLinks, l.Location)
	}
	return p
}

// clean writes paths as we do.
func (o pipOptions) clean() pipOptions {
	for i, l := range o.FindLinks {
		if filepath.IsAbs(l) {
			o.FindLinks[i] = filepath.Clean(l)
		}
	}
	return o
}

func sorted(list []string) []string {
	list = nonNil(list)
	slices.Sort(list)
	return list
}

func nonNil(list []string) []string { return append([]string{}, list...) }

func mustRead(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
