package credentials

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
)

func TestSave(t *testing.T) {
	const others = `"HttpHeaders":{"X-Mine":"a<b>&c"},"detachKeys":"ctrl-q","plugins":{"n":12345678901234567890}`
	for _, tt := range []struct {
		what, file, registry string
		want                 string // auths
	}{
		{"no file", "", "r.example", `{"r.example":{"auth":"bWU6cHc="}}`},
		{"an empty file", " ", "r.example", `{"r.example":{"auth":"bWU6cHc="}}`},
		{"others stay", `{"auths":{"s.example":{"auth":"x","more":1}},` + others + `}`, "r.example", `{"r.example":{"auth":"bWU6cHc="},"s.example":{"auth":"x","more":1}}`},
		{"by another name before", `{"auths":{"https://r.example/v1/":{"auth":"x"},"r.example/a":{"auth":"y"}},` + others + `}`, "r.example", `{"r.example":{"auth":"bWU6cHc="},"r.example/a":{"auth":"y"}}`},
		{"docker hub", `{"auths":{"docker.io":{"auth":"x"}}}`, "docker.io", `{"https://index.docker.io/v1/":{"auth":"bWU6cHc="}}`},
		{"a port", "{}", "r.example:5000", `{"r.example:5000":{"auth":"bWU6cHc="}}`},
	} {
		h := newHome(t, nil)
		if tt.file != "" {
			h.write(t, ".docker/config.json", tt.file, 0o644)
		}
		reg := resource(t, tt.registry).(name.Registry)
		where, err := Save(t.Context(), h.options(), reg, "me", "pw")
		if err != nil || where != filepath.Join(h.dir, ".docker/config.json") {
			t.Errorf("%s: %s, %v", tt.what, where, err)
			continue
		}
		text := h.read(t, ".docker/config.json")
		var doc map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		if got := squeeze(string(doc["auths"])); got != tt.want {
			t.Errorf("%s: auths %s", tt.what, got)
		}
		if strings.Contains(tt.file, others) && !strings.Contains(squeeze(text), `"HttpHeaders":{"X-Mine":"a<b>&c"}`) || strings.Contains(tt.file, others) && !strings.Contains(text, "12345678901234567890") {
			t.Errorf("%s: others are lost: %s", tt.what, text)
		}
		info, err := os.Stat(filepath.Join(h.dir, ".docker/config.json"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", tt.what, info.Mode(), err)
		}
		if got, err := resolve(t, New(h.options()), tt.registry); got != "me:pw" || err != nil {
			t.Errorf("%s: reads back as %s, %v", tt.what, got, err)
		}
		left, err := os.ReadDir(filepath.Join(h.dir, ".docker"))
		if err != nil || len(left) != 1 {
			t.Errorf("%s: %v lie there", tt.what, left)
		}
		if found, err := Remove(t.Context(), h.options(), reg); !found || err != nil {
			t.Errorf("%s: %v, %v", tt.what, found, err)
		}
		if got, err := resolve(t, New(h.options()), tt.registry); got != "nothing" || err != nil {
			t.Errorf("%s: after logging out: %s, %v", tt.what, got, err)
		}
		if found, err := Remove(t.Context(), h.options(), reg); found || err != nil {
			t.Errorf("%s: removed twice: %v, %v", tt.what, found, err)
		}
	}
}

func squeeze(s string) string { return strings.NewReplacer("\n", "", "\t", "", ": ", ":").Replace(s) }

func TestSaveThroughAHelper(t *testing.T) {
	for _, file := range []string{`{"credsStore":"keeps"}`, `{"credHelpers":{"r.example":"keeps"},"credsStore":"missing"}`} {
		h := newHome(t, map[string]string{".docker/config.json": file})
		t.Setenv("KEPT", filepath.Join(h.dir, "kept"))
		h.helper(t, "keeps", `case "$1" in store) cat > "$KEPT";; erase) rm "$KEPT" 2>/dev/null || { echo "credentials not found in native keychain"; exit 1; };; esac`)
		reg := resource(t, "r.example").(name.Registry)
		where, err := Save(t.Context(), h.options(), reg, "me", "CANARY")
		if err != nil || where != "credential helper docker-credential-keeps" {
			t.Fatalf("%s, %v", where, err)
		}
		if got := strings.TrimSpace(h.read(t, "kept")); got != `{"ServerURL":"r.example","Username":"me","Secret":"CANARY"}` {
			t.Errorf("the helper got %s", got)
		}
		if text := h.read(t, ".docker/config.json"); strings.Contains(text, "CANARY") || !strings.Contains(squeeze(text), `"auths":{"r.example":{}}`) {
			t.Errorf("the file is %s", text)
		}
		if found, err := Remove(t.Context(), h.options(), reg); !found || err != nil {
			t.Error(found, err)
		}
	}
	h := newHome(t, map[string]string{".docker/config.json": `{"credsStore":"bad"}`})
	h.helper(t, "bad", `cat; exit 1`)
	_, err := Save(t.Context(), h.options(), resource(t, "r.example").(name.Registry), "me", "CANARY")
	if err == nil || strings.Contains(err.Error(), "CANARY") || !strings.Contains(err.Error(), "docker-credential-bad") {
		t.Error(err)
	}
}

func TestSaveFollowsALink(t *testing.T) {
	h := newHome(t, map[string]string{"dotfiles/docker.json": `{"detachKeys":"ctrl-q"}`, ".docker/other": ""})
	if err := os.Symlink(filepath.Join(h.dir, "dotfiles/docker.json"), filepath.Join(h.dir, ".docker/config.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := Save(t.Context(), h.options(), resource(t, "r.example").(name.Registry), "me", "pw"); err != nil {
		t.Fatal(err)
	}
	if text := h.read(t, "dotfiles/docker.json"); !strings.Contains(text, "r.example") || !strings.Contains(text, "ctrl-q") {
		t.Error(text)
	}
}

func TestSaveNowhere(t *testing.T) {
	reg := resource(t, "r.example").(name.Registry)
	for _, o := range []Options{{}, {Getenv: func(string) string { return "" }}} {
		if _, err := Save(t.Context(), o, reg, "me", "pw"); err == nil || !strings.Contains(err.Error(), "HOME") {
			t.Error(err)
		}
	}
	h := newHome(t, map[string]string{".docker/config.json": `[1]`})
	if _, err := Save(t.Context(), h.options(), reg, "me", "pw"); err == nil || h.read(t, ".docker/config.json") != "[1]" {
		t.Error(err)
	}
}
