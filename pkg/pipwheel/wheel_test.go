package pipwheel_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

const demo = "demo-1.0-py3-none-any.whl"

func TestOpen(t *testing.T) {
	data := forge(t, "My_Demo-1.0.0-2-py3-none-any.whl",
		member{name: "{info}/METADATA", body: "Metadata-Version: 2.4\nName: my.demo\nVersion: 1.0\nRequires-Dist: a\nRequires-Dist: b\n\ntext\n"})
	w, err := open(data, "My_Demo-1.0.0-2-py3-none-any.whl")
	if err != nil {
		t.Fatal(err)
	}
	if w.Name() != "my-demo" || w.Version() != "1.0.0" || w.File.Build != "2" || len(w.Metadata["requires-dist"]) != 2 || len(w.Notes()) != 0 {
		t.Errorf("got %s %s, build %s, requirements %q, notes %q", w.Name(), w.Version(), w.File.Build, w.Metadata["requires-dist"], w.Notes())
	}
}

func TestOpenAcceptsWithNotes(t *testing.T) {
	metadata := func(head string) member {
		return member{name: "{info}/METADATA", body: head + "Name: demo\nVersion: 1.0\n"}
	}
	for _, c := range []struct {
		name   string
		files  []member
		note   string // empty: none
		strict string // what StrictRecord says, empty: nothing
	}{
		{"newer format", []member{{name: "{info}/WHEEL", body: "Wheel-Version: 1.1\n"}}, "newer than 1.0", ""},
		{"format without minor", []member{{name: "{info}/WHEEL", body: "Wheel-Version: 1\nWheel-Version: 9\n"}}, "", ""},
		{"format before the first", []member{{name: "{info}/WHEEL", body: "Wheel-Version: 0.1\n"}}, "", ""},
		{"newer metadata", []member{metadata("Metadata-Version: 2.7\n")}, "newer than 2.6", ""},
		{"newest metadata", []member{metadata("Metadata-Version: 2.6\n")}, "", ""},
		{"no metadata version", []member{metadata("")}, "no Metadata-Version", ""},
		{"row without file", []member{{name: "{info}/RECORD", body: "gone,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"}}, "lists gone", "lists gone"},
		{"rows of folders", []member{{name: "{info}/RECORD", body: "demo/,,\n{info}/METADATA,,\n{info}/WHEEL,,\n"}}, "", ""},
		{
			"files without row",
			[]member{{name: "a"}, {name: "b"}, {name: "{info}/RECORD", body: "{info}/METADATA,,\n{info}/WHEEL,,\n"}},
			"does not list a and 1 more", "does not list a and 1 more",
		},
		{"short rows", []member{{name: "{info}/RECORD", body: "{info}/METADATA\n{info}/WHEEL,,\n"}}, "", "has 1 fields"},
		{"size of RECORD itself", []member{{name: "{info}/RECORD", body: "{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,7\n"}}, "", ""},
		{"signatures", []member{{name: "{info}/RECORD.jws", body: "x"}, {name: "{info}/RECORD", body: "{info}/METADATA,,\n{info}/WHEEL,,\n"}}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := forge(t, demo, c.files...)
			w, err := open(data, demo)
			if err != nil {
				t.Fatal(err)
			}
			if notes := strings.Join(w.Notes(), "\n"); !strings.Contains(notes, c.note) || (c.note == "") != (notes == "") {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
			_, err = pipwheel.Open(bytes.NewReader(data), int64(len(data)), demo, pipwheel.Options{StrictRecord: true})
			if (err == nil) != (c.strict == "") || err != nil && !strings.Contains(err.Error(), c.strict) {
				t.Errorf("strictly: %v, want %q", err, c.strict)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name, file string
		files      []member
		want       string
	}{
		{"name", "demo.whl", nil, "not a wheel's file name"},
		{"two metadata folders", demo, []member{{name: "other-1.0.dist-info/METADATA"}}, "two metadata folders"},
		{"a file like a metadata folder", demo, []member{{name: "other-1.0.dist-info"}}, "two metadata folders"},
		{"folder of another distribution", demo, []member{{name: "{info}/METADATA", absent: true}, {name: "{info}/WHEEL", absent: true}, {name: "{info}/RECORD", absent: true}, {name: "omed-1.0.dist-info/WHEEL"}}, "belongs to another"},
		{"folder of another version", demo, []member{{name: "{info}/METADATA", absent: true}, {name: "{info}/WHEEL", absent: true}, {name: "{info}/RECORD", absent: true}, {name: "demo-1.1.dist-info/WHEEL"}}, "belongs to another"},
		{"folder with a dash", "my_demo-1.0-py3-none-any.whl", []member{{name: "{info}/METADATA", absent: true}, {name: "{info}/WHEEL", absent: true}, {name: "{info}/RECORD", absent: true}, {name: "my-demo-1.0.dist-info/WHEEL"}}, "belongs to another"},
		{"no metadata folder", demo, []member{{name: "{info}/METADATA", absent: true}, {name: "{info}/WHEEL", absent: true}, {name: "{info}/RECORD", absent: true}, {name: "x"}}, "no .dist-info"},
		{"no WHEEL", demo, []member{{name: "{info}/WHEEL", absent: true}}, "has no demo-1.0.dist-info/WHEEL"},
		{"no METADATA", demo, []member{{name: "{info}/METADATA", absent: true}}, "has no demo-1.0.dist-info/METADATA"},
		{"no RECORD", demo, []member{{name: "{info}/RECORD", absent: true}}, "has no demo-1.0.dist-info/RECORD"},
		{"format 2", demo, []member{{name: "{info}/WHEEL", body: "Wheel-Version: 2.0\n"}}, "Wheel-Version"},
		{"no format", demo, []member{{name: "{info}/WHEEL", body: "Root-Is-Purelib: true\n"}}, "Wheel-Version"},
		{"format in words", demo, []member{{name: "{info}/WHEEL", body: "Wheel-Version: 1.x\n"}}, "Wheel-Version"},
		{"metadata 3", demo, []member{{name: "{info}/METADATA", body: "Metadata-Version: 3.0\nName: demo\nVersion: 1.0\n"}}, "Metadata-Version"},
		{"metadata of another", demo, []member{{name: "{info}/METADATA", body: "Metadata-Version: 2.1\nName: omed\nVersion: 1.0\n"}}, `METADATA is of "omed"`},
		{"metadata of another version", demo, []member{{name: "{info}/METADATA", body: "Metadata-Version: 2.1\nName: demo\nVersion: 1.1\n"}}, `version "1.1"`},
		{"metadata without name", demo, []member{{name: "{info}/METADATA", body: "no: name\n"}}, "METADATA is of"},
		{"size", demo, []member{{name: "a", body: "four"}, {name: "{info}/RECORD", body: "a,,5\n"}}, "a has 4 bytes, RECORD says 5"},
		{"entry point", demo, []member{{name: "{info}/entry_points.txt", body: "[console_scripts]\na = b\n"}}, "names no function"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := open(forge(t, demo, c.files...), c.file)
			if !refusal.Is(err) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want a refusal with %q", err, c.want)
			}
		})
	}
	if _, err := open([]byte("no zip"), demo); !refusal.Is(err) {
		t.Errorf("error %v, want a refusal", err)
	}
}

func TestSameVersion(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"1.0", "1.0.0", true},
		{"1.0-1", "1.0.post1", true},
		{"v1.0RC1", "1.0c1", true},
		{"1.0+a.1", "1.0+A_1", true},
		{"1.0", "1.0+a", false},
		{"1.0", "1.1", false},
		{"odd", "odd", true},
		{"odd", "odd ", false},
		{"", "0", false},
	} {
		if got := pipwheel.SameVersion(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}

// FuzzOpen wants that what is opened can be planned or is refused, and that no planned file
// lies outside the target's folders. Facts of it must be planned the same.
func FuzzOpen(f *testing.F) {
	f.Add("Wheel-Version: 1.0\nRoot-Is-Purelib: true\n", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
		"demo.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n", "[console_scripts]\na = b:c\n", "demo.py", "#!python\nx")
	f.Add("Wheel-Version: 1\n", "Name: demo\nVersion: 1\n", `"a""b",,`+"\n", "[gui_scripts]\na=b:c", "demo-1.0.data/scripts/a", "#!python -x\r\n")
	f.Add("Wheel-Version: 0.1\n", "Name: DEMO\nVersion: v1\n", "x,sha512=zz,\n", "", "Demo-1.data/data/bin/python", "")
	f.Fuzz(func(t *testing.T, head, metadata, record, entries, name, body string) {
		if strings.HasSuffix(name, "/") {
			return // a folder has no bytes
		}
		data := forge(t, demo, member{name: "{info}/WHEEL", body: head}, member{name: "{info}/METADATA", body: metadata},
			member{name: "{info}/RECORD", body: record}, member{name: "{info}/entry_points.txt", body: entries}, member{name: name, body: body})
		w, err := open(data, demo)
		if err != nil {
			if !refusal.Is(err) {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		plan, err := w.Install(library("3.11"), pipwheel.How{Requested: true})
		if err != nil {
			if !refusal.Is(err) {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		seen := map[string]bool{}
		for _, e := range plan {
			if !strings.HasPrefix(e.Path, "usr/local/") || seen[e.Path] || strings.Contains("/"+e.Path+"/", "/../") {
				t.Fatalf("planned %q", e.Path)
			}
			seen[e.Path] = true
		}
		opened := 0
		sameInstall(t, w, fromFacts(t, w, &opened), library("3.8"), pipwheel.How{})
	})
}
