//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// podSpec is what the pages use of Kubernetes' pods. podman's own kube play, as Debian 12 has it, takes no Job, and
// wants a program that Debian leaves out: here the words become flags of podman run, one for one.
type podSpec struct {
	Security   podSecurity    `yaml:"securityContext"`
	Init       []podContainer `yaml:"initContainers"`
	Containers []podContainer
	Volumes    []podVolume
}

type podSecurity struct {
	NonRoot  bool    `yaml:"runAsNonRoot"`
	User     *int    `yaml:"runAsUser"`
	Group    *int    `yaml:"runAsGroup"`
	FSGroup  *int    `yaml:"fsGroup"`
	Escalate *bool   `yaml:"allowPrivilegeEscalation"`
	ReadOnly bool    `yaml:"readOnlyRootFilesystem"`
	Seccomp  podKind `yaml:"seccompProfile"`

	Capabilities struct{ Drop []string }
}

type podKind struct{ Type string }

type podContainer struct {
	Name, Image   string
	WorkingDir    string `yaml:"workingDir"`
	Command, Args []string
	Env           []struct{ Name, Value string }
	Security      podSecurity `yaml:"securityContext"`
	Resources     struct{ Limits struct{ Memory string } }
	Mounts        []struct {
		Name     string
		Path     string `yaml:"mountPath"`
		ReadOnly bool   `yaml:"readOnly"`
	} `yaml:"volumeMounts"`
}

type podVolume struct {
	Name     string
	EmptyDir *struct{} `yaml:"emptyDir"`
	Secret   *struct {
		Name  string `yaml:"secretName"`
		Items []struct{ Key, Path string }
	}
}

// pod is one that runs, a container after another.
type pod struct {
	page    *journeyPage
	spec    podSpec
	folders map[string]string // of the host, by volume or absolute path in the containers
}

// pod makes the volumes of a pod as the kubelet does. Secrets are those of the cluster, by name and key.
func (p *journeyPage) pod(t *testing.T, spec podSpec, secrets map[string]map[string]string) *pod {
	t.Helper()
	made := &pod{page: p, spec: spec, folders: map[string]string{}}
	for _, v := range spec.Volumes {
		switch dir := t.TempDir(); {
		case v.EmptyDir != nil:
			made.folders[v.Name] = dir
			if err := os.Chmod(dir, 0o777); err != nil {
				t.Fatal(err)
			}
		case v.Secret != nil:
			files := map[string]string{}
			for _, i := range v.Secret.Items {
				value, ok := secrets[v.Secret.Name][i.Key]
				if !ok {
					t.Fatalf("%s: no secret %s with %s", p.name, v.Secret.Name, i.Key)
				}
				files[i.Path] = value
			}
			made.folders[v.Name] = projected(t, files)
		default:
			t.Fatalf("%s: the volume %s is nothing", p.name, v.Name)
		}
	}
	return made
}

// projected is a folder as the kubelet makes it of a Secret or a ConfigMap: its files are links through a link.
func projected(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		checkout{}.write(t, filepath.Join(dir, "..2026_11_21", name), []byte(text))
		if err := os.Symlink(filepath.Join("..data", name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("..2026_11_21", filepath.Join(dir, "..data")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// run runs a container of the pod, which has to end well, and answers what it said.
func (p *pod) run(t *testing.T, c podContainer) outcome {
	t.Helper()
	e := p.page.podman()
	e.flags = append(slices.Clone(e.flags), p.security(t, c)...)
	if c.WorkingDir != "" {
		e.flags = append(e.flags, "--workdir", c.WorkingDir)
	}
	// Where the pages' pods find pypi.org, there is the rig's index here.
	e.flags = append(e.flags, "--env", "PIP_INDEX_URL="+p.page.index.simple())
	for _, v := range c.Env {
		e.flags = append(e.flags, "--env", v.Name+"="+v.Value)
	}
	if c.Command != nil {
		line, _ := json.Marshal(c.Command)
		e.flags = append(e.flags, "--entrypoint", string(line))
	}
	if n, ok := strings.CutSuffix(c.Resources.Limits.Memory, "Mi"); ok {
		e.flags = append(e.flags, "--memory", n+"m", "--memory-swap", n+"m")
	} else if n != "" {
		t.Fatalf("%s: memory of %s", p.page.name, n)
	}
	for _, m := range c.Mounts {
		p.mount(t, &e, p.folders[m.Name], m.Path, m.ReadOnly)
	}
	for path, dir := range p.folders {
		if filepath.IsAbs(path) {
			p.mount(t, &e, dir, path, false)
		}
	}
	o := e.run(t, p.page.open(c.Image), c.Args...)
	if o.code != 0 {
		t.Fatalf("%s: the container %s ended with %d\n%s%s", p.page.name, c.Name, o.code, o.stdout, o.stderr)
	}
	return o
}

func (p *pod) mount(t *testing.T, e *engine, dir, path string, readOnly bool) {
	t.Helper()
	if dir == "" {
		t.Fatalf("%s: nothing is there to mount at %s", p.page.name, path)
	}
	how := "rw"
	if readOnly {
		how = "ro"
	}
	e.flags = append(e.flags, "--volume", dir+":"+path+":"+how)
}

// security translates what a container may; its own words go before the pod's.
func (p *pod) security(t *testing.T, c podContainer) (flags []string) {
	t.Helper()
	pod, own := p.spec.Security, c.Security
	if own.User == nil {
		own.User, own.Group = pod.User, pod.Group
	}
	if own.NonRoot = own.NonRoot || pod.NonRoot; own.NonRoot && (own.User == nil || *own.User == 0) {
		t.Errorf("%s: %s is not to be root, and has no number", p.page.name, c.Name)
	}
	if own.User != nil {
		user := fmt.Sprint(*own.User)
		if own.Group != nil {
			user += fmt.Sprintf(":%d", *own.Group)
		}
		flags = append(flags, "--user", user)
	}
	if pod.FSGroup != nil {
		flags = append(flags, "--group-add", fmt.Sprint(*pod.FSGroup))
	}
	if own.Escalate != nil && !*own.Escalate {
		flags = append(flags, "--security-opt", "no-new-privileges")
	}
	if own.ReadOnly {
		flags = append(flags, "--read-only", "--read-only-tmpfs=false")
	}
	for _, name := range own.Capabilities.Drop {
		flags = append(flags, "--cap-drop", name)
	}
	for _, kind := range []string{pod.Seccomp.Type, own.Seccomp.Type} {
		if kind != "" && kind != "RuntimeDefault" { // podman's own, which it takes unasked
			t.Errorf("%s: %s wants the seccomp profile %s", p.page.name, c.Name, kind)
		}
	}
	return flags
}
