//go:build e2e

package e2e

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

// startSimpleRegistry runs go-containerregistry's registry, which mounts nothing and checks little.
func startSimpleRegistry(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(registry.New(
		registry.Logger(log.New(io.Discard, "", 0)), registry.WithBlobHandler(registry.NewDiskBlobHandler(t.TempDir()))))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

const distributionConfig = `version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: %q}}
http: {addr: %q}
`

// startDistribution runs distribution v3, see install.sh.
func startDistribution(t *testing.T) string {
	t.Helper()
	dir, addr := t.TempDir(), freeAddress(t)
	config := filepath.Join(dir, "config.yml")
	if err := os.WriteFile(config, fmt.Appendf(nil, distributionConfig, filepath.Join(dir, "storage"), addr), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("registry", "serve", config)
	cmd.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
	startServer(t, cmd, filepath.Join(dir, "log"))
	waitFor(t, cmd, filepath.Join(dir, "log"), 20*time.Second, func() bool {
		resp, err := http.Get("http://" + addr + "/v2/")
		return err == nil && resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	})
	return addr
}

// copyImage pulls an image and pushes it under another name, as a user of the engine would.
func (e engine) copyImage(t *testing.T, from, to string) {
	t.Helper()
	for _, args := range [][]string{{"pull", from}, {"tag", from, to}, {"push", to}} {
		if args[0] != "tag" {
			args = append([]string{args[0]}, append(e.flags, args[1:]...)...)
		}
		cmd := exec.Command(e.command[0], append(append([]string(nil), e.command[1:]...), args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
		}
	}
}
