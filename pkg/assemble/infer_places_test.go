package assemble

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/internal/registry/faultreg"
	"github.com/layerpack/layerpack/internal/spec"
)

// TestInferBaseFromPlaces: where the project leaves a choice, the newest Prefect that an index or a folder has and all
// lines allow.
func TestInferBaseFromPlaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	links := filepath.Join(dir, "links")
	if err := os.Mkdir(links, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"2.19.0", "2.20.4", "2.20.10", "2.21.0rc1", "3.1.9"} {
		w := fakewheel.Wheel{Name: "prefect", Version: version, Files: map[string]string{"prefect/__init__.py": ""}}
		raw, err := w.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(links, w.Filename()), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	index := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/simple/prefect/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<a href="prefect-2.20.11-py3-none-any.whl">x</a><a href="prefect-2.20.12-py3-none-any.whl" data-yanked="bad">x</a>
<a href="prefect-2.20.13.tar.gz">x</a><a href="prefect-3.2.0-py3-none-any.whl">x</a>`)
	}))
	t.Cleanup(index.Close)
	folder, both := spec.Packages{NoIndex: true, FindLinks: []string{links}}, spec.Packages{IndexURL: index.URL + "/simple/", FindLinks: []string{links}}
	for _, c := range []struct {
		line   string
		places spec.Packages
		want   string
	}{
		{"prefect", folder, "prefecthq/prefect:3.1.9-python3.11"},
		{"prefect<3", folder, "prefecthq/prefect:2.20.10-python3.11"},
		{"prefect~=2.20.4,!=2.20.10", folder, "prefecthq/prefect:2.20.4-python3.11"},
		{"prefect<3", both, "prefecthq/prefect:2.20.11-python3.11"},
		{"prefect", both, "prefecthq/prefect:3.2.0-python3.11"},
		{"prefect<2.20.4", both, "prefecthq/prefect:2.19.0-python3.11"},
		{"prefect>4", both, "no index has such a Prefect"},
	} {
		t.Run(c.line, func(t *testing.T) {
			if err := os.WriteFile(filepath.Join(dir, "requirements.txt"), []byte("pandas\n"+c.line+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := InferBase(t.Context(), Flags{Dir: dir, Packages: c.places}, "3.11", Host{TempDir: t.TempDir()})
			if err != nil {
				got = err.Error()
			}
			if got != c.want && (err == nil || !strings.Contains(got, c.want)) {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// TestNearestTags: of a tag of Prefect's that is not there the message tells those that are nearest. Of other
// repositories, and of a registry that does not list its tags, it says no more than that.
func TestNearestTags(t *testing.T) {
	t.Parallel()
	var listed atomic.Bool
	listed.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/v2/":
		case listed.Load() && r.URL.Path == "/v2/prefecthq/prefect/tags/list":
			fmt.Fprint(w, `{"name": "prefecthq/prefect", "tags": ["2.20.3-python3.11", "2.20.4-python3.10", "2.20.4-python3.11",
"2.20.5-python3.11", "3.1.9-python3.11", "latest"]}`)
		case listed.Load() && r.URL.Path == "/v2/team/base/tags/list":
			fmt.Fprint(w, `{"name": "team/base", "tags": ["1", "2"]}`)
		case strings.HasSuffix(r.URL.Path, "/tags/list"):
			faultreg.Error(w, http.StatusForbidden, "DENIED", "not for you")
		default:
			faultreg.Error(w, http.StatusNotFound, "MANIFEST_UNKNOWN", "no such tag")
		}
	}))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	message := func(base string) string {
		t.Helper()
		b, err := NewBuild(Flags{Base: host + "/" + base, NoSource: true, Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Plan(t.Context(), b, Host{TempDir: t.TempDir()})
		if !errors.Is(err, registry.ErrNotFound) || !strings.Contains(err.Error(), base) {
			t.Fatalf("%s: %v", base, err)
		}
		return err.Error()
	}
	const near = "the nearest that exist are "
	if got := message("prefecthq/prefect:2.20.6-python3.11"); !strings.Contains(got, near+"2.20.5-python3.11, 2.20.4-python3.10, 2.20.4-python3.11") {
		t.Error(got)
	}
	if got := message("prefecthq/prefect:2.20.4-python3.12"); !strings.Contains(got, near+"2.20.4-python3.11, ") {
		t.Error(got)
	}
	for _, other := range []string{"team/base:3", "prefecthq/prefect:mine"} {
		if got := message(other); strings.Contains(got, "nearest") {
			t.Error(got)
		}
	}
	listed.Store(false)
	if got := message("prefecthq/prefect:2.20.6-python3.11"); strings.Contains(got, "nearest") || strings.Contains(got, "403") {
		t.Error(got)
	}
}
