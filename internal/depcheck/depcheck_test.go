// Package depcheck fails the build when an import turns an arrow of docs/design.md round.
package depcheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/layerpack/layerpack/"

// table says which rooms of the project a room may import. A room that is missing here fails
// the test: whoever makes one says where it stands.
var table = map[string][]string{
	"cmd/layerpack":                 {"pkg/assemble", "pkg/refusal", "internal/hostconfig", "internal/prefect", "internal/progress", "internal/push", "internal/registry", "internal/registry/ambient", "internal/registry/credentials", "internal/source", "internal/spec", "internal/store", "internal/transport", "pkg/pipwheel/index"},
	"demo":                          {"internal/baseimage/fakebase", "internal/fakewheel"},
	"pkg/assemble":                  {"internal/baseimage", "internal/cache", "internal/check", "internal/elffacts", "internal/flowcheck", "internal/prefect", "internal/rootfs", "pkg/pipwheel/index", "pkg/pipwheel/distname", "pkg/pipwheel/lockfile", "pkg/pipwheel/marker", "internal/packages", "internal/plan", "internal/progress", "internal/push", "internal/registry", "internal/source", "internal/spec", "internal/store", "internal/transport", "pkg/layers", "pkg/manifest", "pkg/pipwheel", "pkg/refusal", "pkg/tagging"},
	"pkg/layers":                    {"pkg/refusal", "pkg/layers/digest", "pkg/layers/splice"},
	"pkg/layers/deflate":            {"pkg/layers/inflate", "pkg/layers/internal/cpuid"},
	"pkg/layers/digest":             {"pkg/layers/internal/cpuid"},
	"pkg/layers/inflate":            {"pkg/layers/internal/cpuid"},
	"pkg/layers/internal/cpuid":     {},
	"pkg/layers/splice":             {"pkg/layers/deflate", "pkg/layers/inflate"},
	"pkg/manifest":                  {"pkg/refusal"},
	"pkg/pipwheel":                  {"pkg/layers", "pkg/refusal", "pkg/pipwheel/distname", "pkg/pipwheel/strictzip", "pkg/pipwheel/tag", "pkg/pipwheel/version"},
	"pkg/pipwheel/distname":         {},
	"pkg/pipwheel/marker":           {"pkg/pipwheel/distname", "pkg/pipwheel/version"},
	"pkg/pipwheel/oracle":           {},
	"pkg/pipwheel/strictzip":        {},
	"pkg/pipwheel/tag":              {"pkg/pipwheel/distname", "pkg/pipwheel/version"},
	"pkg/pipwheel/version":          {},
	"pkg/pipwheel/index":            {"pkg/pipwheel/distname", "pkg/pipwheel/marker", "pkg/pipwheel/tag", "pkg/pipwheel/version", "pkg/pipwheel", "pkg/refusal"},
	"pkg/pipwheel/resolve":          {"pkg/pipwheel/distname", "pkg/pipwheel/marker", "pkg/pipwheel/version", "pkg/refusal"},
	"pkg/pipwheel/requirement":      {"pkg/pipwheel/distname", "pkg/pipwheel/marker", "pkg/pipwheel/tag", "pkg/pipwheel/version", "pkg/refusal"},
	"pkg/pipwheel/lockfile":         {"pkg/pipwheel/distname", "pkg/pipwheel/marker", "pkg/pipwheel/requirement", "pkg/pipwheel/tag", "pkg/pipwheel/version", "pkg/refusal"},
	"pkg/refusal":                   {},
	"pkg/tagging":                   {"pkg/pipwheel/version", "pkg/refusal"},
	"internal/baseimage":            {"internal/elffacts", "internal/rootfs", "pkg/layers", "pkg/pipwheel", "pkg/pipwheel/distname", "pkg/pipwheel/marker", "pkg/pipwheel/version", "pkg/refusal"},
	"internal/baseimage/fakebase":   {},
	"internal/cache":                {"pkg/layers", "pkg/pipwheel/distname"},
	"internal/check":                {"internal/baseimage", "internal/elffacts", "internal/rootfs", "pkg/layers", "pkg/pipwheel", "pkg/pipwheel/distname", "pkg/pipwheel/marker", "pkg/pipwheel/version", "pkg/refusal"},
	"internal/depcheck":             {},
	"internal/docscheck":            {},
	"internal/elffacts":             {},
	"internal/fakewheel":            {},
	"internal/flowcheck":            {"internal/baseimage", "internal/check", "internal/prefect", "internal/pysource", "internal/rootfs", "pkg/layers", "pkg/pipwheel", "pkg/pipwheel/distname", "pkg/pipwheel/marker", "pkg/pipwheel/version", "pkg/refusal"},
	"internal/hostconfig":           {"internal/transport"},
	"internal/packages":             {"internal/baseimage", "internal/source", "internal/spec", "internal/store", "internal/transport", "pkg/pipwheel", "pkg/pipwheel/distname", "pkg/pipwheel/index", "pkg/pipwheel/lockfile", "pkg/pipwheel/marker", "pkg/pipwheel/requirement", "pkg/pipwheel/resolve", "pkg/pipwheel/tag", "pkg/pipwheel/version", "pkg/refusal"},
	"internal/plan":                 {"internal/baseimage", "internal/rootfs", "internal/source", "internal/spec", "pkg/layers", "pkg/manifest", "pkg/pipwheel", "pkg/pipwheel/distname", "pkg/pipwheel/marker", "pkg/pipwheel/version", "pkg/refusal"},
	"internal/prefect":              {"pkg/refusal"},
	"internal/progress":             {},
	"internal/pysource":             {},
	"internal/push":                 {"internal/progress", "internal/registry", "pkg/manifest", "pkg/refusal", "pkg/tagging"},
	"internal/registry":             {"internal/transport", "pkg/layers", "pkg/refusal"},
	"internal/registry/ambient":     {},
	"internal/registry/credentials": {},
	"internal/registry/faultreg":    {},
	"internal/rootfs":               {"pkg/layers", "pkg/refusal"},
	"internal/source":               {"pkg/layers", "pkg/refusal"},
	"internal/spec":                 {"internal/prefect", "pkg/layers", "pkg/manifest", "pkg/refusal", "pkg/tagging"},
	"internal/store":                {},
	"internal/transport":            {},
}

// outside says which packages that do not belong to the project only some rooms may import.
var outside = []struct {
	pkg   string
	rooms []string
	why   string
}{
	{"net/http", []string{"internal/transport", "internal/registry", "internal/registry/faultreg", "pkg/pipwheel/index", "demo"}, "only transport makes HTTP clients, only registry speaks through them"},
	{"os/exec", []string{"demo"}, "nothing is run, neither the base nor tools of the host"},
	{"os", []string{"cmd/layerpack", "demo", "internal/store", "internal/source", "internal/registry", "internal/registry/credentials", "internal/hostconfig", "internal/push", "pkg/assemble"}, "only rooms that own files of the host open them"},
	{"log", []string{"demo", "internal/registry/faultreg"}, "rooms send events or return errors"},
	{"unsafe", nil, "no room needs it"},
}

type pkg struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

func TestImports(t *testing.T) {
	for _, p := range list(t) {
		room := strings.TrimPrefix(p.ImportPath, module)
		if strings.HasPrefix(room, "e2e") || strings.HasPrefix(room, "bench") {
			continue // tests of the whole, that no room imports
		}
		allowed, ok := table[room]
		if !ok {
			t.Errorf("%s is not in the import table: say which rooms it may import", room)
			continue
		}
		for _, i := range p.Imports {
			to, own := strings.CutPrefix(i, module)
			if own && !slices.Contains(allowed, to) {
				t.Errorf("%s imports %s, which the import table does not allow", room, to)
			}
			for _, o := range outside {
				if i == o.pkg && !slices.Contains(o.rooms, room) {
					t.Errorf("%s imports %s: %s", room, i, o.why)
				}
			}
		}
	}
}

// TestNoArrowBack checks the table itself: what stands later in the pipeline is not imported
// by what stands before, and the public packages import no internal room.
func TestNoArrowBack(t *testing.T) {
	for room, allowed := range table {
		for _, to := range allowed {
			if strings.HasPrefix(room, "pkg/") && room != "pkg/assemble" && strings.HasPrefix(to, "internal/") {
				t.Errorf("%s may import %s: a public package needs no internal room", room, to)
			}
			if slices.Contains(reach(to), room) {
				t.Errorf("%s and %s import each other", room, to)
			}
		}
	}
}

// reach returns every room that room imports, directly or not.
func reach(room string) []string {
	seen := map[string]bool{}
	var walk func(string)
	walk = func(r string) {
		for _, to := range table[r] {
			if !seen[to] {
				seen[to] = true
				walk(to)
			}
		}
	}
	walk(room)
	var out []string
	for r := range seen {
		out = append(out, r)
	}
	return out
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	if len(pkgs) < 10 {
		t.Fatalf("go list found %d packages; the table would check nothing", len(pkgs))
	}
	return pkgs
}
