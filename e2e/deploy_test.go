//go:build e2e

package e2e

import (
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// TestDeploy goes through Prefect's own front door: real Prefect of three generations, with a server each, and
// layerpack as the build step of prefect.yaml.
func TestDeploy(t *testing.T) {
	r := newRig(t)
	clients := setting(t, "LAYERPACK_E2E_PREFECT")
	for _, g := range []generation{
		{name: "2.20", line: "2.20", flow: "orders/daily", later: true},
		{name: "3", line: "3", flow: "weekly/sundays", later: true, plain: true},
		{name: "2.11", line: "2.11", flow: "orders/daily", pins: "griffe<1 anyio<4 cachetools"},
	} {
		t.Run("Prefect"+g.name, func(t *testing.T) {
			t.Parallel()
			testGeneration(t, r, g, clients)
		})
	}
	t.Run("Prefect1", func(t *testing.T) {
		t.Parallel()
		testPrefect1(t, r, clients)
	})
}

// generation is a version of Prefect that deploys and runs.
type generation struct {
	name string // of its virtual environment
	line string // tag of Prefect's images, without Python, that goes to the newest of its releases
	pins string // what its image needs besides
	flow string // the deployment that is run as a worker would; starting Prefect takes long, so it is one for each
	// later: flow.deploy is there, since 2.13, runs are started by the worker for Docker itself, and a step that fails
	// ends the deployment.
	later bool
	plain bool // a base with Python alone will do: all that it needs is there as wheels
}

func testGeneration(t *testing.T, r *rig, g generation, clients string) {
	p := newPrefect(t, clients, g.name)
	p.env = append(p.env, "XDG_CACHE_HOME="+r.cache)
	p.ok(t, t.TempDir(), "prefect", "work-pool", "create", "shop", "--type", "docker")
	d := newDeployed(t, r, p, "shop")
	d.base = prefectBase(t, r, p, g)
	d.yaml = d.template(t)
	d.project(t, d.yaml, "--base", d.base, "-t", "{{ $IMAGE }}")
	t.Run("Deploy", d.testDeployed)
	if d.image == "" {
		return // the rest is about what was deployed
	}
	t.Run("PullStep", func(t *testing.T) { d.start(t, d.image, g.flow) })
	if g.later {
		t.Run("FlowDeploy", d.testFlowDeploy)
		t.Run("Credentials", d.testCredentials)
		t.Run("Several", d.testSeveral)
	}
	if g.plain {
		t.Run("PlainPython", d.testPlainPython)
	}
	t.Run("Moved", d.testMoved)
	t.Run("Failing", func(t *testing.T) { d.testFailing(t, g.later) })
}

// prefectBase answers a base with that very Prefect, by a tag that moves: the rig's own, or one that layerpack makes of it.
func prefectBase(t *testing.T, r *rig, p *prefect, g generation) string {
	t.Helper()
	pinned := r.base
	if g.name != "2.20" {
		pinned = r.host + "/" + baseRepository + ":" + p.version + "-python3.11"
		r.ok(t, call{args: []string{"--base", r.base, "--no-source", "--pip", "prefect==" + p.version + " " + g.pins, "-t", pinned}})
	}
	moving := r.host + "/" + baseRepository + ":" + g.line + "-python3.11"
	err := reference(pinned, func(from name.Reference) error {
		found, err := remote.Get(from)
		if err != nil {
			return err
		}
		to, err := name.NewTag(moving)
		if err != nil {
			return err
		}
		return remote.Tag(to, found)
	})
	if err != nil {
		t.Fatalf("%s: %v", moving, err)
	}
	return moving
}

// move has a base's tag go to another image, as when Prefect releases one: it has a label more.
func move(tag, label string) error {
	return reference(tag, func(at name.Reference) error {
		image, err := remote.Image(at, remote.WithPlatform(v1.Platform{OS: "linux", Architecture: "amd64"}))
		if err != nil {
			return err
		}
		config, err := image.ConfigFile()
		if err != nil {
			return err
		}
		config = config.DeepCopy()
		if config.Config.Labels == nil {
			config.Config.Labels = map[string]string{}
		}
		config.Config.Labels["moved"] = label
		if image, err = mutate.ConfigFile(image, config); err != nil {
			return err
		}
		return remote.Write(at, image)
	})
}

func reference(text string, do func(name.Reference) error) error {
	ref, err := name.ParseReference(text)
	if err != nil {
		return err
	}
	return do(ref)
}
