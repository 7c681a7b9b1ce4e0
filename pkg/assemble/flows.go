package assemble

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/internal/flowcheck"
	"github.com/layerpack/layerpack/internal/prefect"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/manifest"
)

// flowChecks is the collection of the store that keeps what was found of flows. It depends on nothing but the plan, the
// project's prefect.yaml and the rules.
const flowChecks = "flowchecks"

// flowRules is the version of the rules: another one finds anew.
const flowRules = 2

// checkFlows refuses an image in which the flows of the project could not run.
func (j *job) checkFlows(ctx context.Context) error {
	if j.run.build.Flows.Unchecked {
		return nil
	}
	all, err := j.findings(func(p *planned) ([]check.Finding, error) { return p.run.flowFindings(ctx, p, p.blobs) })
	if err != nil {
		return err
	}
	if err := j.judge(all); err != nil {
		return fmt.Errorf("%w (--ignore-healthchecks builds all the same)", err)
	}
	return nil
}

// flowFindings are what is wrong with the flows of the project: as it was found before, or by looking now.
func (r *run) flowFindings(ctx context.Context, p *planned, b *blobs) ([]check.Finding, error) {
	if p.base.profile.Python == nil || len(r.build.Sources)+len(r.build.Files) == 0 {
		return nil, nil
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %q", flowRules, p.digest, r.build.Flows.Text))
	key := fmt.Sprintf("%x", sum)
	if raw, err := r.store.Get(flowChecks, key); err == nil {
		var kept []check.Finding
		if json.Unmarshal(raw, &kept) == nil {
			return kept, nil
		}
	}
	img, err := r.flowImage(ctx, p, b)
	if err != nil {
		return nil, err
	}
	findings := flowcheck.Findings(*img, r.flowProject())
	if raw, err := json.Marshal(findings); err == nil {
		r.keep(flowChecks, key, raw)
	}
	return findings, nil
}

// flowProject is what is known of the flows that the image is for.
func (r *run) flowProject() flowcheck.Project {
	p := flowcheck.Project{Discover: true}
	for _, m := range r.build.Sources {
		p.Sources = append(p.Sources, m.Dst)
	}
	if file := r.build.Flows.Project; file != nil {
		p.Entrypoints = flowcheck.Entrypoints(file, LayoutOf(r.build), runHere(file))
		p.Prefect = file.PrefectVersion.Text
	}
	return p
}

// runHere are the deployments that get their image from layerpack, or from what it replaces; all where none does.
func runHere(file *prefect.File) []int {
	var out []int
	for _, image := range file.Images() {
		if image.Origin == prefect.ByCommand || image.Origin == prefect.ByDocker {
			out = append(out, image.Deployments...)
		}
	}
	return out
}

// LayoutOf says where the image of a build has the project's folder and files.
func LayoutOf(b *Build) prefect.Layout {
	l := prefect.Layout{Workdir: b.Edits.WorkingDir}
	for _, m := range b.Sources {
		if m.Src == b.Dir && l.Dir == "" {
			l.Dir = m.Dst
			continue
		}
		l.Placed = append(l.Placed, m.Dst)
	}
	for _, m := range b.Files {
		l.Placed = append(l.Placed, m.Dst)
	}
	return l
}

// flowImage is the image as the checks of flows see it. The base's tree becomes that of the image.
func (r *run) flowImage(ctx context.Context, p *planned, b *blobs) (*flowcheck.Image, error) {
	profile := p.base.profile
	img := &flowcheck.Image{Tree: profile.Tree, Profile: profile, Python: profile.Python, Installed: r.installedAfter(p)}
	files := map[string]func() (io.ReadCloser, error){}
	for _, l := range b.list {
		var all []rootfs.Entry
		own := l.layer.Recipe.Role == layers.RoleSource || l.layer.Recipe.Role == layers.RoleFiles
		for _, e := range l.layer.Entries() {
			all = append(all, treeEntry(e))
			switch {
			case e.Kind != layers.File:
			case own:
				img.Own = append(img.Own, e.Path)
				files[e.Path] = e.Open
			case path.Ext(e.Path) == ".pth" && !b.arrivals.any(l): // what is not here is not fetched for it
				files[e.Path] = e.Open
			}
		}
		if err := profile.Tree.Apply(all); err != nil {
			return nil, fmt.Errorf("looking at layer %s: %w", l.layer.Title, err)
		}
	}
	img.Read = func(name string) ([]byte, error) {
		open, ok := files[name]
		if !ok || ctx.Err() != nil {
			return nil, flowcheck.ErrUnknown
		}
		return readAll(open)
	}
	return img, r.flowConfig(p, img)
}

func treeEntry(e layers.Entry) rootfs.Entry {
	n := rootfs.Entry{Node: rootfs.Node{Path: e.Path, Kind: e.Kind, Mode: e.Mode, UID: e.UID, GID: e.GID, Size: e.Size, Target: e.Target}}
	if e.Kind == layers.Whiteout {
		n.Path, n.Kind = path.Join(path.Dir(e.Path), ".wh."+path.Base(e.Path)), layers.File
	}
	return n
}

func readAll(open func() (io.ReadCloser, error)) (text []byte, err error) {
	f, err := open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(f)
}

// flowConfig fills in what the image's configuration will say.
func (r *run) flowConfig(p *planned, img *flowcheck.Image) error {
	raw, err := manifest.EditConfig(p.base.image.Config, p.plan.Images[0].Config, nil)
	if err != nil {
		return fmt.Errorf("base %s: %w", r.build.Base.Given, err)
	}
	var c struct {
		Config struct {
			Env              []string
			WorkingDir, User string
			Entrypoint, Cmd  []string
		} `json:"config"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		r.say(progress.Detail, "the flows are not checked: the configuration cannot be read: %v", err)
		return nil
	}
	img.Env = map[string]string{}
	for _, kv := range c.Config.Env {
		k, v, _ := strings.Cut(kv, "=")
		img.Env[k] = v
	}
	img.Workdir, img.User, img.Entrypoint, img.Cmd = c.Config.WorkingDir, c.Config.User, c.Config.Entrypoint, c.Config.Cmd
	return nil
}
