package layers

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
)

func example() Recipe {
	return Recipe{
		Format: RecipeFormat, Encoder: Encoder, Role: RolePure, Target: json.RawMessage(`{"purelib": "/usr/lib/python3.11"}`),
		Wheels: []WheelInput{{File: "six-1.16.0-py2.py3-none-any.whl", SHA256: strings.Repeat("a", 64), Requested: true}},
		Files:  []FileInput{{Path: "a<b", Mode: "0644", Owner: "1:2", SHA256: strings.Repeat("b", 64)}, {Path: "l", Mode: "0777", Link: "é"}},
		Layout: []string{"/tmp 1777 0:0"},
	}
}

// Keys name layers in caches that outlive this build.
func TestGoldenKey(t *testing.T) {
	golden, err := os.ReadFile("testdata/key.txt")
	if err != nil {
		t.Fatal(err)
	}
	r := example()
	r.Encoder = "gzip/some-1.0/6"
	key, err := r.Key()
	if err != nil || string(key) != strings.TrimSpace(string(golden)) {
		t.Errorf("key %s, %v", key, err)
	}
}

func TestEveryFieldChangesTheKey(t *testing.T) {
	seen := map[Key]string{}
	for what, change := range map[string]func(*Recipe){
		"nothing":        func(*Recipe) {},
		"format":         func(r *Recipe) { r.Format++ },
		"encoder":        func(r *Recipe) { r.Encoder += "x" },
		"role":           func(r *Recipe) { r.Role = RoleNative },
		"target":         func(r *Recipe) { r.Target = json.RawMessage(`{}`) },
		"wheel name":     func(r *Recipe) { r.Wheels[0].File = "six-1.16.0-1-py2.py3-none-any.whl" },
		"wheel hash":     func(r *Recipe) { r.Wheels[0].SHA256 = strings.Repeat("c", 64) },
		"wheel asked":    func(r *Recipe) { r.Wheels[0].Requested = false },
		"wheel's URL":    func(r *Recipe) { r.Wheels[0].DirectURL = "https://example.com/six-1.16.0-py2.py3-none-any.whl" },
		"no wheel":       func(r *Recipe) { r.Wheels = nil },
		"path":           func(r *Recipe) { r.Files[0].Path = "a>b" },
		"mode":           func(r *Recipe) { r.Files[0].Mode = "0755" },
		"owner":          func(r *Recipe) { r.Files[0].Owner = "" },
		"file hash":      func(r *Recipe) { r.Files[0].SHA256 = "" },
		"link":           func(r *Recipe) { r.Files[1].Link = "e\u0301" },
		"order of files": func(r *Recipe) { r.Files[0], r.Files[1] = r.Files[1], r.Files[0] },
		"prioritized":    func(r *Recipe) { r.Prioritize = []string{"bin/x"} },
		"layout":         func(r *Recipe) { r.Layout[0] = "/tmp 0755 0:0" },
	} {
		r := example()
		change(&r)
		key, err := r.Key()
		if err != nil || !strings.HasPrefix(string(key), "sha256:") || len(key) != 71 {
			t.Errorf("%s: key %q, %v", what, key, err)
		}
		if other, twice := seen[key]; twice {
			t.Errorf("%s and %s have one key", what, other)
		}
		seen[key] = what
	}
}

// JSON would write two texts that are not UTF-8 alike, and two layers would have one key.
func TestKeyNeedsUTF8(t *testing.T) {
	for i, change := range []func(*Recipe){
		func(r *Recipe) { r.Files[1].Link = "\xff" },
		func(r *Recipe) { r.Files[0].Path = "\xff" },
		func(r *Recipe) { r.Wheels[0].File = "\xff" },
		func(r *Recipe) { r.Wheels[0].DirectURL = "\xff" },
		func(r *Recipe) { r.Layout[0] = "\xff" },
		func(r *Recipe) { r.Prioritize = []string{"\xff"} },
		func(r *Recipe) { r.Role = "\xff" },
	} {
		r := example()
		change(&r)
		if key, err := r.Key(); err == nil || err.Error() != `making a layer's key: "\xff" is not UTF-8` {
			t.Errorf("%d: key %s, %v", i, key, err)
		}
	}
	r := example()
	r.Target = json.RawMessage(`{`)
	if _, err := r.Key(); err == nil {
		t.Error("a target that is no JSON has a key")
	}
}

func TestRecordSurvivesJSON(t *testing.T) {
	for _, c := range []Compression{Gzip, EStargz} {
		rec, err := NewBuilder(1).WriteAs(t.Context(), io.Discard, []Entry{dir("a")}, Options{Compression: c})
		if err != nil {
			t.Fatal(err)
		}
		rec.Key = "sha256:1"
		b, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		var back Record
		if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back, *rec) {
			t.Errorf("%s comes back as %+v, %v", b, back, err)
		}
		if strings.Contains(string(b), "annotations") != (c == EStargz) {
			t.Errorf("%s: %s", c, b)
		}
		d := rec.Descriptor()
		if fmt.Sprint(d.Digest, d.Size, d.MediaType) != fmt.Sprint(rec.Digest, rec.Size, "application/vnd.oci.image.layer.v1.tar+gzip") {
			t.Errorf("descriptor %+v", d)
		}
	}
}
