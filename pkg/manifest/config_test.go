package manifest

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/pkg/refusal"
)

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func hash(digit string) v1.Hash {
	return v1.Hash{Algorithm: "sha256", Hex: strings.Repeat(digit, 64)}
}

func indented(t *testing.T, b []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		t.Fatal(err)
	}
	return out.String() + "\n"
}

func list(words ...string) *[]string { return &words }

// What no edit names survives, in its own bytes but for white space: every field that Docker
// and BuildKit write, those that nobody knows, numbers that no float64 holds.
func TestEditGolden(t *testing.T) {
	got, err := EditConfig(read(t, "testdata/docker.json"), Edits{
		Env:        []KV{{"LANG", "C"}, {"TOKEN", "a=<b>&$c"}, {"NOVALUE", ""}},
		PythonPath: []string{"/opt/prefect/flow", "/opt/base"},
		WorkingDir: "/opt/prefect/flow",
		User:       "1000:1000",
		Labels:     []KV{{"a", "b<c"}, {"new", ""}},
		Entrypoint: list("/bin/sh", "-c"),
		Created:    "2025-01-01T00:00:00Z",
	}, []NewLayer{
		{DiffID: hash("3"), CreatedBy: "layerpack source: /opt/prefect/flow", Comment: "layerpack/1 key=sha256:k"},
		{DiffID: hash("4"), CreatedBy: "layerpack files: <x>"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(read(t, "testdata/docker.edited.json")), indented(t, got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Without edits nothing changes but the order of the outer keys.
func TestNoEdits(t *testing.T) {
	base := read(t, "testdata/docker.json")
	got, err := EditConfig(base, Edits{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	before, after := members(t, base), members(t, got)
	for _, key := range []string{"config", "rootfs"} {
		if diff := cmp.Diff(members(t, []byte(before[key])), members(t, []byte(after[key]))); diff != "" {
			t.Errorf("%s (-before +after):\n%s", key, diff)
		}
		delete(before, key)
		delete(after, key)
	}
	// The keys inside history's entries are sorted.
	var h1, h2 []map[string]json.RawMessage
	for raw, h := range map[string]*[]map[string]json.RawMessage{before["history"]: &h1, after["history"]: &h2} {
		if err := json.Unmarshal([]byte(raw), h); err != nil {
			t.Fatal(err)
		}
	}
	delete(before, "history")
	delete(after, "history")
	if diff := cmp.Diff(before, after); diff != "" || !cmp.Equal(compact(t, h1), compact(t, h2)) {
		t.Errorf("(-before +after):\n%s", diff)
	}
	again, err := EditConfig(got, Edits{}, nil)
	if err != nil || !bytes.Equal(got, again) {
		t.Errorf("a second edit changes bytes, %v", err)
	}
}

// members are an object's members, each without white space.
func members(t *testing.T, b []byte) map[string]string {
	t.Helper()
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for k, v := range raw {
		var c bytes.Buffer
		if err := json.Compact(&c, v); err != nil {
			t.Fatal(err)
		}
		out[k] = c.String()
	}
	return out
}

func compact(t *testing.T, list []map[string]json.RawMessage) []map[string]string {
	t.Helper()
	var out []map[string]string
	for _, o := range list {
		b, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, members(t, b))
	}
	return out
}

func TestEditSmallConfigs(t *testing.T) {
	one := []NewLayer{{DiffID: hash("a"), CreatedBy: "x"}}
	added := `"rootfs":{"diff_ids":["` + hash("a").String() + `"],"type":"layers"}`
	for name, c := range map[string]struct {
		base  string
		edits Edits
		added []NewLayer
		want  string
	}{
		"nothing at all": {`{}`, Edits{}, nil, `{"config":{},"history":[],"rootfs":{"diff_ids":[],"type":"layers"}}`},
		"nulls": {
			`{"config":null,"rootfs":null,"history":null,"created":null}`,
			Edits{},
			one,
			`{"config":{},"created":null,"history":[{"created_by":"x"}],` + added + `}`,
		},
		"nulls inside": {
			`{"config":{"Env":null,"Labels":null,"Cmd":null},"rootfs":{"diff_ids":null}}`,
			Edits{},
			one,
			`{"config":{"Cmd":null,"Env":null,"Labels":null},"history":[{"created_by":"x"}],` + added + `}`,
		},
		"nulls that get something": {
			`{"config":{"Env":null,"Labels":null}}`,
			Edits{Env: []KV{{"A", "1"}}, Labels: []KV{{"l", "2"}}},
			one,
			`{"config":{"Env":["A=1"],"Labels":{"l":"2"}},"history":[{"created_by":"x"}],` + added + `}`,
		},
		"created is the base's": {
			`{"created":"2024-01-01T00:00:00+01:00"}`,
			Edits{},
			one,
			`{"config":{},"created":"2024-01-01T00:00:00+01:00","history":[{"created":"2024-01-01T00:00:00+01:00","created_by":"x"}],` + added + `}`,
		},
		"created is given": {
			`{}`,
			Edits{Created: "2024-01-01T00:00:00Z"},
			one,
			`{"config":{},"created":"2024-01-01T00:00:00Z","history":[{"created":"2024-01-01T00:00:00Z","created_by":"x"}],` + added + `}`,
		},
		"entrypoint clears cmd": {
			`{"config":{"Entrypoint":["a"],"Cmd":["b"],"ArgsEscaped":true}}`,
			Edits{Entrypoint: list("c")},
			one,
			`{"config":{"Entrypoint":["c"]},"history":[{"created_by":"x"}],` + added + `}`,
		},
		"entrypoint and cmd": {
			`{"config":{"Cmd":["b"]}}`,
			Edits{Entrypoint: list("c"), Cmd: list("d", "")},
			one,
			`{"config":{"Cmd":["d",""],"Entrypoint":["c"]},"history":[{"created_by":"x"}],` + added + `}`,
		},
		"entrypoint taken away": {
			`{"config":{"Entrypoint":["a"],"Cmd":["b"]}}`,
			Edits{Entrypoint: list()},
			one,
			`{"config":{},"history":[{"created_by":"x"}],` + added + `}`,
		},
		"cmd alone leaves the entrypoint": {
			`{"config":{"Entrypoint":"old string form","Cmd":"b"}}`,
			Edits{Cmd: list()},
			one,
			`{"config":{"Entrypoint":"old string form"},"history":[{"created_by":"x"}],` + added + `}`,
		},
		"odd types that no edit names": {
			`{"config":{"Env":"no list","Labels":[1],"User":7},"author":{}}`,
			Edits{WorkingDir: "/w"},
			one,
			`{"author":{},"config":{"Env":"no list","Labels":[1],"User":7,"WorkingDir":"/w"},"history":[{"created_by":"x"}],` + added + `}`,
		},
		"odd labels beside new ones": {
			`{"config":{"Labels":{"n":1}}}`,
			Edits{Labels: []KV{{"l", "2"}, {"l", "3"}}},
			one,
			`{"config":{"Labels":{"l":"3","n":1}},"history":[{"created_by":"x"}],` + added + `}`,
		},
		"rootfs with another type": {
			`{"rootfs":{"type":"","diff_ids":[]}}`,
			Edits{},
			one,
			`{"config":{},"history":[{"created_by":"x"}],` + added + `}`,
		},
	} {
		got, err := EditConfig([]byte(c.base), c.edits, c.added)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, got, c.want)
		}
	}
}

func TestHistoryIsPadded(t *testing.T) {
	const pad = `{"comment":"layer of the base image"}`
	two := `"rootfs":{"diff_ids":["` + hash("1").String() + `","` + hash("2").String() + `"]}`
	for history, want := range map[string]string{
		``:                             pad + "," + pad,
		`[]`:                           pad + "," + pad,
		`[{"a":1}]`:                    `{"a":1},` + pad,
		`[null]`:                       `null,` + pad,
		`[{},{}]`:                      `{},{}`,
		`[{},{},{"empty_layer":true}]`: `{},{},{"empty_layer":true}`,
		`[{"empty_layer":true},{"empty_layer":false}]`:              `{"empty_layer":true},{"empty_layer":false},` + pad,
		`[{"empty_layer":null},{"created":"2020-01-01T00:00:00Z"}]`: `{"empty_layer":null},{"created":"2020-01-01T00:00:00Z"}`,
	} {
		base := `{` + two + `}`
		if history != "" {
			base = `{` + two + `,"history":` + history + `}`
		}
		got, err := EditConfig([]byte(base), Edits{}, []NewLayer{{DiffID: hash("a"), CreatedBy: "x"}})
		if err != nil || !strings.Contains(string(got), `"history":[`+want+`,{"created_by":"x"}]`) {
			t.Errorf("%s: %s, %v", history, got, err)
		}
	}
}

func TestEditRefuses(t *testing.T) {
	some := Edits{Env: []KV{{"A", "1"}}, Labels: []KV{{"l", "1"}}}
	for base, want := range map[string]string{
		``:                                    "unexpected end of JSON input",
		`null`:                                "not a JSON object",
		`[]`:                                  "json: cannot unmarshal array",
		`{"config":[]}`:                       "config: json: cannot unmarshal array",
		`{"config":{"Env":{}}}`:               "config: Env: json: cannot unmarshal object",
		`{"config":{"Env":[1]}}`:              "config: Env: json: cannot unmarshal number",
		`{"config":{"Labels":"x"}}`:           "config: Labels: json: cannot unmarshal string",
		`{"rootfs":1}`:                        "rootfs: json: cannot unmarshal number",
		`{"rootfs":{"diff_ids":1}}`:           "rootfs: diff_ids: json: cannot unmarshal number",
		`{"history":{}}`:                      "history: json: cannot unmarshal object",
		`{"history":[1]}`:                     "history: json: cannot unmarshal number",
		`{"history":[{}]}`:                    "history speaks of 1 layers, rootfs of 0",
		`{"history":[{"empty_layer":"yes"}]}`: "history: empty_layer: json: cannot unmarshal string",
		`{"created":7}`:                       "created: json: cannot unmarshal number",
	} {
		_, err := EditConfig([]byte(base), some, nil)
		const prefix = "the base's configuration: it is not as image-spec has it: "
		if err == nil || !strings.HasPrefix(err.Error(), prefix+want) || !refusal.Is(err) {
			t.Errorf("%s: %v", base, err)
		}
	}
}

func FuzzEditConfig(f *testing.F) {
	b, err := os.ReadFile("testdata/docker.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"config":{"Env":["A=1","A"]},"history":[null]}`))
	edits := Edits{Env: []KV{{"A", "2"}}, PythonPath: []string{"/x"}, Labels: []KV{{"l", "v"}}, User: "u"}
	f.Fuzz(func(t *testing.T, base []byte) {
		once, err := EditConfig(base, edits, nil)
		if err != nil {
			if !refusal.Is(err) {
				t.Fatalf("no refusal: %v", err)
			}
			return
		}
		if !json.Valid(once) {
			t.Fatalf("no JSON: %q", once)
		}
		twice, err := EditConfig(once, edits, nil)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%v\nonce  %s\ntwice %s", err, once, twice)
		}
	})
}

// What a base says of layers of ours is not said of the image that is made of it.
func TestNamespaceOfBase(t *testing.T) {
	edited := func(base []byte, digit string) []byte {
		t.Helper()
		got, err := EditConfig(base, Edits{}, []NewLayer{{DiffID: hash(digit), CreatedBy: "layerpack", Comment: Namespace + "1 of " + digit}})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	got := edited(edited([]byte(`{"rootfs":{"diff_ids":["`+hash("1").String()+`"]},"history":[{"comment":"buildkit"}]}`), "2"), "3")
	var c struct{ History []struct{ Comment string } }
	if err := json.Unmarshal(got, &c); err != nil {
		t.Fatal(err)
	}
	want := []struct{ Comment string }{{"buildkit"}, {""}, {"layerpack/1 of 3"}}
	if diff := cmp.Diff(want, c.History); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}
