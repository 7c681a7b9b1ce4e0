package image

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

const registryConfig = `version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: %q}, delete: {enabled: true}}
http: {addr: %q}
`

// Registry is Debian's docker-registry on the loopback.
type Registry struct {
	Host string
	*server
}

// StartRegistry starts one that stores in dir.
func StartRegistry(ctx context.Context, dir string) (*Registry, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "config.yml")
	if err := os.WriteFile(config, fmt.Appendf(nil, registryConfig, filepath.Join(dir, "storage"), addr), 0o600); err != nil {
		return nil, err
	}
	s, err := serve(ctx, filepath.Join(dir, "log"), func() bool {
		resp, err := http.Get("http://" + addr + "/v2/")
		if err != nil {
			return false
		}
		return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	}, "docker-registry", "serve", config)
	if err != nil {
		return nil, err
	}
	return &Registry{addr, s}, nil
}

// Stop ends it.
func (r *Registry) Stop() error { return r.stop() }

// PushBase uploads the base with e2e's own pusher and returns its reference.
func (r *Registry) PushBase(ctx context.Context, mkbase, layout string) (string, error) {
	ref := r.Host + "/prefecthq/prefect:2-python3.11"
	_, err := command(ctx, "", nil, mkbase, "push", layout, ref)
	return ref, err
}
