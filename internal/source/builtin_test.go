package source

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/builtin.golden anew")

const (
	certificate = " = -----BEGIN CERTIFICATE-----\n"
	private     = " = -----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n"
)

func TestBuiltinExcludes(t *testing.T) {
	tree := walked(t, plant(t,
		// left out
		".git/HEAD", "sub/.git = gitdir: ../.git", ".hg/x", ".svn/x",
		"anyname/pyvenv.cfg", "anyname/lib/x.py", ".venv/bin/python", "conda/conda-meta/history", "node_modules/x/y.js",
		"built/CACHEDIR.TAG = Signature: 8a477f597d28d172789f06886806bc55\n# cargo", "built/x",
		"pkg/__pycache__/m.cpython-311.pyc", "pkg/m.py", "pkg/m.pyc",
		".pytest_cache/x", ".mypy_cache/x", ".ruff_cache/x", ".hypothesis/x", ".tox/x", ".nox/x", "nb/.ipynb_checkpoints/x", ".prefect/flows.json",
		".env", "sub/.env.production", ".envrc", ".netrc", ".pypirc", ".pgpass", ".git-credentials",
		".aws/credentials", ".azure/x", ".config/gcloud/x", "application_default_credentials.json", ".kube/config", ".docker/config.json", ".dockercfg", ".prefect/profiles.toml",
		".ssh/config", ".gnupg/x", "id_rsa"+private, "id_ed25519_deploy"+private, "server.PEM"+private, "rsa_key.p8"+private, "me.asc = -----BEGIN PGP PRIVATE KEY BLOCK-----",
		"tls.key"+private, "token.key = abc", "a.ppk", "a.p12", "a.pfx",
		".terraform/x", "terraform.tfstate", "infra/terraform.tfstate.backup",
		".DS_Store", "sub/Thumbs.db", ".idea/x", ".vscode/x", "m.py.swp", "m.py~", ".#m.py",
		// part of the source
		".gitignore", ".github/workflows/ci.yml", "main.tf", ".terraform.lock.hcl", ".prefectignore", ".env.example", ".cache/model.bin", "env/x", "venv/notes.txt",
		"fake/CACHEDIR.TAG = no", "fake/x", "pkg/sourceless.pyc", "cacert.pem"+certificate, "ca.key"+certificate, "id_rsa.pub = ssh-rsa AAAA",
		"id_rsa_tools.py", "linked.pem -> /run/secrets/key.pem", ".docker/daemon.json", ".prefect/x", "environment.yml", "envs.py", "prefect.yaml", "dist.egg-info/entry_points.txt",
		"certs.pem/readme", "ca.asc = -----BEGIN PGP PUBLIC KEY BLOCK-----",
	))
	got := "left out\n" + leftOut(tree) + "\nkept\n" + strings.Join(paths(tree), "\n") + "\n"
	const golden = "testdata/builtin.golden"
	if *update {
		must(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Every rule of the table is shown at work by the golden listing.
func TestBuiltinTable(t *testing.T) {
	want, err := os.ReadFile("testdata/builtin.golden")
	must(t, err)
	for _, b := range builtins() {
		if b.pattern == "*.pyo" || b.pattern == "_netrc" || b.pattern == "id_dsa*" || b.pattern == "id_ecdsa*" {
			continue // the same as the row before them, for an older name
		}
		if b.pattern != strings.ToLower(b.pattern) {
			t.Errorf("%q is compared with names in lower case", b.pattern)
		}
		if !strings.Contains(string(want), strings.TrimSpace("built-in "+b.pattern)+": "+b.reason+")") {
			t.Errorf("no file shows rule %q (%s)", b.pattern, b.reason)
		}
	}
}
