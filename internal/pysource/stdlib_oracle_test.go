//go:build oracle

package pysource

import (
	"encoding/json"
	"os/exec"
	"slices"
	"testing"
)

// TestStandardLibrary compares the table with what interpreters list and import.
func TestStandardLibrary(t *testing.T) {
	const ask = `
import importlib.util, json, sys
names = getattr(sys, "stdlib_module_names", None)
table = json.loads(sys.argv[1])
def there(name):
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
print(json.dumps({
    "listed": sorted(names) if names else None,
    "there": [n for n in table if there(n)],
}))`
	var names []string
	for module := range rows(stdlib) {
		names = append(names, module)
	}
	table, err := json.Marshal(names)
	if err != nil {
		t.Fatal(err)
	}
	for version, python := range pythons(t) {
		t.Run(version, func(t *testing.T) {
			out, err := exec.Command(python, "-I", "-S", "-c", ask, string(table)).Output()
			if err != nil {
				t.Fatal(err)
			}
			var got struct{ Listed, There []string }
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatal(err)
			}
			env := Env{Python: version, Platform: "linux"}
			for _, name := range got.Listed {
				if _, ok := Standard(name); !ok && name != "__hello__" && name != "__phello__" && name != "sitecustomize" {
					t.Errorf("%s is not in the table", name)
				}
			}
			for _, name := range names {
				m, _ := Standard(name)
				listed := got.Listed == nil || slices.Contains(got.Listed, name)
				switch there := slices.Contains(got.There, name); {
				case there && !m.In(env):
					t.Errorf("%s is there, the table says %+v", name, m)
				case m.In(env) && !listed:
					t.Errorf("%s is not listed, the table says %+v", name, m)
				}
			}
		})
	}
}
