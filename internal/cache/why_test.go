package cache

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/layerpack/layerpack/pkg/layers"
)

// changed is r with an edit.
func changed(r *layers.Recipe, edit func(r *layers.Recipe)) *layers.Recipe {
	c := *r
	c.Wheels, c.Files = slices.Clone(r.Wheels), slices.Clone(r.Files)
	edit(&c)
	return &c
}

func source(names ...string) *layers.Recipe {
	r := &layers.Recipe{Format: 1, Encoder: layers.Encoder, Role: layers.RoleSource}
	for _, d := range []string{"opt", "opt/prefect", "opt/prefect/demo"} {
		r.Files = append(r.Files, layers.FileInput{Path: d, Mode: "0755"})
	}
	for _, n := range names {
		r.Files = append(r.Files, layers.FileInput{Path: "opt/prefect/demo/" + n, Mode: "0644", SHA256: hash(n).Hex})
	}
	return r
}

func TestWhyWheels(t *testing.T) {
	const numpy1, numpy2, six = "numpy-1.26.4-cp311-cp311-linux_x86_64.whl", "numpy-2.0.1-cp311-cp311-linux_x86_64.whl", "six-1.16.0-py3-none-any.whl"
	base := wheels(numpy1, six)
	for want, r := range map[string]*layers.Recipe{
		"":                            base,
		"wheel numpy 1.26.4 -> 2.0.1": wheels(numpy2, six),
		"wheel six 1.16.0 removed":    wheels(numpy1),
		"wheel idna 3.7 added":        wheels(numpy1, six, "idna-3.7-py3-none-any.whl"),
		"wheel numpy 1.26.4 -> 2.0.1, wheel six 1.16.0 -> 1.17.0":          wheels(numpy2, "six-1.17.0-py3-none-any.whl"),
		"wheel " + numpy1 + " -> numpy-1.26.4-cp311-abi3-linux_x86_64.whl": wheels("numpy-1.26.4-cp311-abi3-linux_x86_64.whl", six),
		"wheel six 1.16.0 has other bytes under the same name":             changed(base, func(r *layers.Recipe) { r.Wheels[1].SHA256 = hash("x").Hex }),
		"wheel six 1.16.0 is requested by others":                          changed(base, func(r *layers.Recipe) { r.Wheels[1].Requested = false }),
		"wheel six 1.16.0 shares other files with another wheel":           changed(base, func(r *layers.Recipe) { r.Wheels[1].LeftOut = []string{"x"} }),
		"encoder " + layers.Encoder + " -> zstd":                           changed(base, func(r *layers.Recipe) { r.Encoder = "zstd" }),
		"interpreter or its folders":                                       changed(base, func(r *layers.Recipe) { r.Target = json.RawMessage(`{}`) }),
		"layout of the base":                                               changed(base, func(r *layers.Recipe) { r.Layout = nil }),
		"prioritized files":                                                changed(base, func(r *layers.Recipe) { r.Prioritize = []string{"x"} }),
		"recipe format 1 -> 2":                                             changed(base, func(r *layers.Recipe) { r.Format = 2 }),
		"first build":                                                      changed(base, func(r *layers.Recipe) { r.Role = layers.RoleNative }),
		"recipe format 1 -> 2, encoder " + layers.Encoder + " -> zstd, layout of the base": changed(base, func(r *layers.Recipe) { r.Format, r.Encoder, r.Layout = 2, "zstd", nil }),
		"wheel a 1 added, wheel b 1 added, wheel c 1 added, and 2 more":                    wheels("a-1-x.whl", "b-1-x.whl", "c-1-x.whl"),
	} {
		if got := Why(base, r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := Why(nil, base); got != "first build" {
		t.Errorf("%q", got)
	}
}

func TestWhyFiles(t *testing.T) {
	base := source("flows.py", "sub/x.py")
	flows := len(base.Files) - 2
	for want, r := range map[string]*layers.Recipe{
		"":                                base,
		"file flows.py":                   changed(base, func(r *layers.Recipe) { r.Files[flows].SHA256 = hash("new").Hex }),
		"file sub/x.py":                   changed(base, func(r *layers.Recipe) { r.Files[flows+1].SHA256 = hash("new").Hex }),
		"file flows.py mode 0644 -> 0755": changed(base, func(r *layers.Recipe) { r.Files[flows].Mode = "0755" }),
		"file flows.py owner":             changed(base, func(r *layers.Recipe) { r.Files[flows].Owner = "1:1" }),
		"link flows.py":                   changed(base, func(r *layers.Recipe) { r.Files[flows].SHA256, r.Files[flows].Link = "", "x" }),
		"folder /opt mode 0755 -> 0700":   changed(base, func(r *layers.Recipe) { r.Files[0].Mode = "0700" }),
		"file y.py added":                 source("flows.py", "sub/x.py", "y.py"),
		"file sub/x.py removed":           source("flows.py"),
		"2 files (flows.py, sub/x.py)": changed(base, func(r *layers.Recipe) {
			r.Files[flows].SHA256, r.Files[flows+1].SHA256 = hash("new").Hex, hash("newer").Hex
		}),
		"3 files (a.py, b.py, …)": source("flows.py", "sub/x.py", "a.py", "b.py", "c.py"),
	} {
		if got := Why(base, r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	gone := &layers.Recipe{Role: layers.RoleRemovals, Files: []layers.FileInput{{Path: "usr/lib/x", Mode: "0000", Removed: true}}}
	more := changed(gone, func(r *layers.Recipe) {
		r.Files = append(r.Files, layers.FileInput{Path: "y", Removed: true}, layers.FileInput{Path: "z", Removed: true})
	})
	if got := Why(&layers.Recipe{Role: layers.RoleRemovals}, gone); got != "removal of /usr/lib/x added" {
		t.Errorf("%q", got)
	}
	if got := Why(gone, more); got != "2 removals (/y, /z)" {
		t.Errorf("%q", got)
	}
}

func TestMatch(t *testing.T) {
	numpy := func(v string) string { return "numpy-" + v + "-cp311-cp311-linux_x86_64.whl" }
	previous := []layers.Recipe{
		*source("new.py"), *source("old.py"),
		*wheels(numpy("1.26")), *wheels("Six-1-py3-none-any.whl", "idna-3-py3-none-any.whl"), *wheels(numpy("1.25")),
		*wheels("six-0-py3-none-any.whl", "idna-3-py3-none-any.whl", "x-1-py3-none-any.whl"), *wheels("six-0-py3-none-any.whl"),
	}
	for name, c := range map[string]struct {
		want *layers.Recipe
		at   int
	}{
		"the newest source":         {source("x.py"), 0},
		"the newest version":        {wheels(numpy("2.0")), 2},
		"most in common":            {wheels("six-2-py3-none-any.whl", "idna-4-py3-none-any.whl"), 3},
		"the least of others":       {wheels("six-2-py3-none-any.whl"), 6},
		"none that was there":       {wheels("pandas-1-py3-none-any.whl"), -1},
		"none of the role":          {&layers.Recipe{Role: layers.RoleFiles}, -1},
		"no wheel name to speak of": {wheels("whl"), -1},
	} {
		got := Match(previous, c.want)
		if c.at < 0 && got != nil || c.at >= 0 && got != &previous[c.at] {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestShow(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "\x1b[31m": `"\x1b[31m"`, "\xff": `"\xff"`, "ü": "ü",
		strings.Repeat("ü", 80): strings.Repeat("ü", 50) + "…",
	} {
		if got := show(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzWhy(f *testing.F) {
	a, err1 := json.Marshal(wheels("numpy-2.0.1-cp311-cp311-linux_x86_64.whl", "six-1-py3-none-any.whl"))
	b, err2 := json.Marshal(source("flows.py", "sub/x.py"))
	if err1 != nil || err2 != nil {
		f.Fatal(err1, err2)
	}
	f.Add(a, b)
	f.Add(a, a)
	f.Add(b, []byte(`{"role":"source","files":[{"path":"","sha256":"x"},{"path":"a","link":"\u001b"}]}`))
	f.Fuzz(func(t *testing.T, x, y []byte) {
		var old, want layers.Recipe
		if json.Unmarshal(x, &old) != nil || json.Unmarshal(y, &want) != nil {
			return
		}
		want.Role = old.Role
		why := Why(&old, &want)
		if strings.ContainsFunc(why, func(r rune) bool { return !unicode.IsPrint(r) }) || len(why) > 4096 {
			t.Errorf("not fit for a terminal: %q", why)
		}
		if Why(&want, &want) != "" && len(want.Files) < 2 && len(want.Wheels) < 2 {
			t.Errorf("equal recipes differ: %q", Why(&want, &want))
		}
		if m := Match([]layers.Recipe{old}, &want); m != nil && m.Role != want.Role {
			t.Error("matched another role")
		}
	})
}
