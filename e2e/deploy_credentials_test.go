//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

const privateConfig = `version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: %q}}
auth: {htpasswd: {realm: shop, path: %q}}
http: {addr: %q}
`

// The one user of the private registry, and the line by which it knows them.
const (
	privateUser     = "till"
	privatePassword = "kettle-and-toaster"
	privateLine     = "till:$2b$04$8XoZYtIl7RLclx7nbQCRU.sMl2Z6PyK4/sA/VyhZY6cdZqjvYR/16\n"
)

// startPrivate runs a registry that asks for a password, until the test ends.
func startPrivate(t *testing.T) (addr string) {
	t.Helper()
	dir := t.TempDir()
	addr = freeAddress(t)
	config, log, users := filepath.Join(dir, "config.yml"), filepath.Join(dir, "log"), filepath.Join(dir, "htpasswd")
	for path, text := range map[string]string{users: privateLine, config: fmt.Sprintf(privateConfig, filepath.Join(dir, "storage"), users, addr)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("docker-registry", "serve", config)
	startServer(t, cmd, log)
	waitFor(t, cmd, log, 20*time.Second, func() bool {
		resp, err := http.Get("http://" + addr + "/v2/")
		return err == nil && resp.Body.Close() == nil && resp.StatusCode == http.StatusUnauthorized
	})
	return addr
}

// saveSecrets keeps texts in blocks of the server: name, text, and so on.
const saveSecrets = `
import sys
from prefect.blocks.system import Secret
for name, text in zip(sys.argv[1::2], sys.argv[2::2]):
    Secret(value=text).save(name)
`

// testCredentials: the registry's password lies in a block of Prefect's server and reaches layerpack by the step's
// environment, and is seen nowhere else. The base comes from a registry that asks for none.
func (d *deployed) testCredentials(t *testing.T) {
	const wrong = "kettle-of-last-year"
	d.prefect.ok(t, d.dir, "python", "-c", saveSecrets, "registry-password", privatePassword, "last-year", wrong)
	private := *d.rig
	private.traffic = &traffic{}
	private.host = startProxy(t, startPrivate(t), private.traffic)
	p := newDeployed(t, &private, d.prefect, "private")
	p.project(t, strings.ReplaceAll(d.yaml, "name: daily", "name: private"), "--base", d.base, "-t", p.repository,
		"--env", "LAYERPACK_USERNAME="+privateUser, "--env", "LAYERPACK_PASSWORD={{ prefect.blocks.secret.last-year }}")

	refused, all := p.deploy(t, "--name", "private")
	if refused.code == 0 || uploaded(all) != 0 || len(manifestsPut(all)) != 0 {
		t.Errorf("with last year's password prefect deploy ended with %d:\n%s", refused.code, requests(all))
	}
	first := p.said(t)
	told(t, first.stderr, "401", "credentials")
	told(t, refused.stdout+refused.stderr, "401", "credentials")

	p.rewrite(t, "secret.last-year", "secret.registry-password")
	o, all := p.deploy(t, "--name", "private")
	if o.code != 0 || uploaded(all) == 0 || len(manifestsPut(all)) == 0 {
		t.Fatalf("with the password prefect deploy ended with %d\n%s%s%s", o.code, o.stdout, o.stderr, requests(all))
	}
	second := p.said(t)
	p.image = strings.TrimSuffix(second.stdout, "\n")
	p.alike(t, second, 1, "orders/private")
	config := p.config(t)
	for _, secret := range []string{wrong, privatePassword} {
		for what, text := range map[string]string{
			"what layerpack was called with": strings.Join(append(first.calls, second.calls...), ""),
			"what layerpack said":            first.stdout + first.stderr + second.stdout + second.stderr,
			"what prefect deploy said":       refused.stdout + refused.stderr + o.stdout + o.stderr,
			"the image's configuration":      config,
		} {
			if strings.Contains(text, secret) {
				t.Errorf("%s has the password:\n%s", what, text)
			}
		}
	}
}

// config is the configuration of the image as the private registry gives it to its user.
func (d *deployed) config(t *testing.T) string {
	t.Helper()
	ref, err := name.ParseReference(d.image)
	if err != nil {
		t.Fatal(err)
	}
	image, err := remote.Image(ref, remote.WithAuth(&authn.Basic{Username: privateUser, Password: privatePassword}))
	if err != nil {
		t.Fatal(err)
	}
	text, err := image.RawConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
