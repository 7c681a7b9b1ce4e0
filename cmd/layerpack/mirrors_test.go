package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Mirrors stand in the user's own configuration. A base is read from the first that has it, under the
// registry's own name; nothing is pushed to a mirror.
func TestMirrors(t *testing.T) {
	w := newWorld(t.Cleanup)
	if err := w.publish(t.Context(), w.main.host+"/hub/team/base:1", "index"); err != nil {
		t.Fatal(err)
	}
	if err := w.publish(t.Context(), w.other.host+"/team/base:1", "index"); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	project := filepath.Join(home, "shop")
	if err := os.MkdirAll(filepath.Join(home, ".config", "layerpack"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(project, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(project)
	for i, tt := range []struct {
		what     string
		registry string
		mirrors  []string
		mirror   bool // that layers came from the mirror
	}{
		{"the mirror alone", "127.0.0.1:1", []string{"127.0.0.1:2", w.other.host, w.main.host + "/hub"}, false},
		{"the mirror by its path", w.other.host, []string{w.main.host + "/hub"}, true},
		{"no mirror is there", w.other.host, []string{"127.0.0.1:2"}, false},
	} {
		config := fmt.Sprintf("[registry.%q]\nmirrors = [", tt.registry)
		for _, m := range tt.mirrors {
			config += fmt.Sprintf("%q, ", m)
		}
		if err := os.WriteFile(filepath.Join(home, ".config", "layerpack", "config.toml"), []byte(config+"]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, s := range w.servers() {
			s.take()
		}
		base := tt.registry + "/team/base:1"
		args := []string{"--base", base, "-t", fmt.Sprintf("%s/team/shop:%d", w.private.host, i), "--no-cache"}
		var stdout, stderr bytes.Buffer
		env := []string{"HOME=" + home, "LAYERPACK_USERNAME=robot", "LAYERPACK_PASSWORD=s3cret"}
		if code := run(t.Context(), args, env, nil, &stdout, &stderr); code != exitDone {
			t.Errorf("%s: %d: %s", tt.what, code, &stderr)
		}
		if strings.Contains(stderr.String()+stdout.String(), "s3cret") {
			t.Errorf("%s: the password shows: %s", tt.what, &stderr)
		}
		if w.main.wrote() || w.other.wrote() || !w.private.wrote() {
			t.Errorf("%s: a mirror was written to, or the destination was not", tt.what)
		}
		down := 0
		for _, moved := range w.main.take() {
			if moved.kind == "down" {
				down++
			}
		}
		if (down > 0) != tt.mirror {
			t.Errorf("%s: %d blobs came from the mirror", tt.what, down)
		}
	}
}
