package prefect

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/layerpack/layerpack/pkg/refusal"
)

func seeds(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("testdata/init/*")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(shop))
	f.Add([]byte(project))
	for _, b := range broken {
		f.Add([]byte(strings.Replace(project, b.from, b.to, 1)))
	}
	for _, s := range []string{"build: &a [*a]", "x: &x {<<: *x}\nbuild: *x", "? build\n: - a", "build:\r- a.b:\r", "\ufeffbuild: ~", "%YAML 1.1\n---\nbuild: !!seq []", "{}", "--- |\n x", "build:\n-\n- ~\n"} {
		f.Add([]byte(s))
	}
}

// FuzzRead asks everything of whatever can be read.
func FuzzRead(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Read(text)
		if err != nil {
			if file != nil || !refusal.Is(err) {
				t.Errorf("%v with %v", file, err)
			}
			return
		}
		for _, found := range file.Findings(usualLayout) {
			if found.Line < 1 || found.Line > 1+bytes.Count(text, []byte("\n"))+bytes.Count(text, []byte("\r"))+bytes.Count(text, []byte("\u0085"))+bytes.Count(text, []byte("\u2028"))+bytes.Count(text, []byte("\u2029")) {
				t.Errorf("%+v", found)
			}
		}
		n := 0
		for _, i := range file.Images() {
			n += len(i.Deployments)
			if words, err := words(CommandLine(i.Args)); err == nil && i.Origin == ByDocker && len(words) == 0 {
				t.Errorf("%+v", i)
			}
		}
		if n != len(file.Deployments) || len(file.Flows(Layout{})) != n {
			t.Errorf("%d of %d deployments have an image", n, len(file.Deployments))
		}
	})
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"a b", `'a' "b\"c"`, "{{ $X }}", `a\`, "'", "{{{{ a }}}}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		split, err := words(line)
		if err != nil {
			return
		}
		again, err := words(strings.TrimPrefix(CommandLine(split), "layerpack"))
		if err != nil || strings.Join(again, "\x00") != strings.Join(split, "\x00") {
			// Only quotes around a part of a placeholder may change what counts as one.
			if !strings.Contains(line, "{{") {
				t.Errorf("%q: %q, again %q, %v", line, split, again, err)
			}
		}
	})
}

// FuzzInit wants of every file that Init edits: what PyYAML's kind of reader makes of it is the old
// document and what was asked for; every line that no edit touched is there in its order; and a second time
// changes nothing.
func FuzzInit(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, o := range []InitOptions{
			{Command: usual, All: true, Pull: "/opt/prefect/shop"},
			{Command: usual, Replace: true},
			{Command: usual},
		} {
			got, err := Init(text, o)
			if err != nil {
				if got != nil || !refusal.Is(err) {
					t.Errorf("%q with %v", got, err)
				}
				continue
			}
			again, err := Init(got, o)
			if err != nil || !bytes.Equal(again, got) {
				t.Errorf("%+v: %q\ngives %q\nand then %q, %v", o, text, got, again, err)
			}
			before, after := map[string]any{}, map[string]any{}
			if yaml.Unmarshal(text, &before) != nil || yaml.Unmarshal(got, &after) != nil {
				continue // a key twice, or too many aliases for a value
			}
			if o.Replace && hasDocker(text) {
				continue // the golden files say what becomes of it
			}
			if o.All && (bytes.ContainsRune(text, '*') || otherKeys(before)) {
				continue // what an alias shares with a deployment has the image too; the golden files say how
			}
			strip(before, o)
			strip(after, o)
			if !reflect.DeepEqual(before, after) && len(before)+len(after) > 0 {
				t.Errorf("%+v: %q\ngives %q\n%v\n%v", o, text, got, before, after)
			}
			if !kept(text, got) {
				t.Errorf("%+v: %q\ngives %q, which leaves lines out", o, text, got)
			}
		}
	})
}

func hasDocker(text []byte) bool { return bytes.Contains(text, []byte("build_docker_image")) }

// strip takes away what Init may write.
func strip(m map[string]any, o InitOptions) {
	list, _ := m["build"].([]any)
	for i, s := range list {
		if step, ok := s.(map[string]any); ok && step[StepFunction] != nil {
			if in, ok := step[StepFunction].(map[string]any); ok && in["id"] == defaultID && strings.HasPrefix(text(in["script"]), "layerpack --base") {
				m["build"] = append(append([]any{}, list[:i]...), list[i+1:]...)
				break
			}
		}
	}
	drop(m, "build")
	if steps, ok := m["pull"].([]any); ok && len(steps) > 0 && o.Pull != "" {
		want := map[string]any{"prefect.deployments.steps.set_working_directory": map[string]any{"directory": o.Pull}}
		if last := len(steps) - 1; reflect.DeepEqual(steps[last], want) {
			m["pull"] = steps[:last]
		}
	}
	drop(m, "pull")
	deployments, _ := m["deployments"].([]any)
	for _, d := range deployments {
		if d, ok := d.(map[string]any); ok && o.All {
			pool, _ := d["work_pool"].(map[string]any)
			vars, _ := pool["job_variables"].(map[string]any)
			delete(vars, "image")
			drop(pool, "job_variables")
			drop(d, "work_pool")
		}
	}
}

// otherKeys reports whether a key is no text somewhere, which makes mappings another type.
func otherKeys(v any) bool {
	switch v := v.(type) {
	case map[any]any:
		return true
	case map[string]any:
		for _, x := range v {
			if otherKeys(x) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, otherKeys)
	}
	return false
}

func text(v any) string { s, _ := v.(string); return s }

// drop removes a key that holds nothing.
func drop(m map[string]any, key string) {
	switch v := m[key].(type) {
	case nil:
		delete(m, key)
	case []any:
		if len(v) == 0 {
			delete(m, key)
		}
	case map[string]any:
		if len(v) == 0 {
			delete(m, key)
		}
	}
}

// kept reports whether all lines but those with a replaced value are there, in their order.
func kept(before, after []byte) bool {
	for _, line := range bytes.FieldsFunc(before, func(r rune) bool { return strings.ContainsRune("\r\n\u0085\u2028\u2029", r) }) {
		ours := false
		for _, word := range []string{"build", "pull", "image", "job_variables", "work_pool", "null", "Null", "NULL", "~", "[]", "{}"} {
			ours = ours || bytes.Contains(line, []byte(word))
		}
		i := bytes.Index(after, line)
		switch {
		case ours: // its value may have been replaced
		case i < 0:
			return false
		default:
			after = after[i+len(line):]
		}
	}
	return true
}
