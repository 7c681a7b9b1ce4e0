package assemble

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/internal/elffacts"
	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
)

// check finds native files that could not be loaded in the container and refuses them. What the layers' native
// files need was seen while they were built, or is kept with their keys, or is read now.
func (j *job) check(ctx context.Context) error {
	return j.judged(func(p *planned) ([]check.Finding, error) { return p.run.nativeFindings(ctx, p, p.blobs) })
}

func (r *run) nativeFindings(ctx context.Context, p *planned, b *blobs) ([]check.Finding, error) {
	python := p.base.profile.Python
	if python == nil {
		return nil, nil // nothing can be installed, and nothing of ours is loaded
	}
	files, links, err := r.nativeFiles(ctx, b)
	if err != nil {
		return nil, err
	}
	profile := p.base.profile
	return check.Libraries{
		Base: profile.Tree, Target: *python, Interpreter: profile.Loader.Interpreter,
		Files: files, Paths: links, LibraryPath: r.libraryPath(p),
		CacheNames: profile.Loader.Cache, SearchDirs: profile.Loader.Dirs, SiteDirs: profile.SiteDirs,
		AllowMissing: r.build.Install.AllowMissingLib,
	}.Findings(), nil
}

// checkClosure refuses distributions that would miss what they require. Names and metadata are enough
// for it, so it comes before anything is built.
func (j *job) checkClosure() error {
	return j.judged(func(p *planned) ([]check.Finding, error) { return p.run.closure(p), nil })
}

// closure compares the requirements of what will be installed with what will be there.
func (r *run) closure(p *planned) []check.Finding {
	python := p.base.profile.Python
	if python == nil || len(p.plan.Images[0].Installed) == 0 {
		return nil
	}
	after, rest := afterBuild(p)
	env := marker.Linux(python.Machine, python.Version, python.Implementation)
	findings := check.Python(after, env)
	if r.build.Install.NoDeps {
		return findings
	}
	return append(findings, check.Closure(check.Installed(p.base.profile.Distributions), append(after, check.Installed(rest)...), env)...)
}

// afterBuild are the distributions that the build brings, and those of the base that stay.
func afterBuild(p *planned) (brought []check.Distribution, stay []pipwheel.Distribution) {
	img := p.plan.Images[0]
	gone := map[string]bool{}
	for _, d := range img.Replaced {
		gone[d.Path] = true
	}
	for _, w := range img.Installed {
		brought = append(brought, check.Distribution{
			Name: w.Metadata.Get("Name"), Version: w.Version(), Requires: w.Metadata["requires-dist"],
			RequiresPython: w.Metadata.Get("Requires-Python"), Wheel: w.Basename,
		})
	}
	for _, d := range p.base.profile.Distributions {
		if !gone[d.Path] {
			stay = append(stay, d)
		}
	}
	return brought, stay
}

// installedAfter is everything that will be installed.
func (r *run) installedAfter(p *planned) []check.Distribution {
	brought, stay := afterBuild(p)
	return append(brought, check.Installed(stay)...)
}

// nativeFiles reads the ELF files of all layers, and lists their symbolic links.
func (r *run) nativeFiles(ctx context.Context, b *blobs) (files []check.File, links []string, err error) {
	facts := make([]map[string]*elffacts.Facts, len(b.list))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, l := range b.list {
		g.Go(func() (err error) {
			facts[i], err = r.facts(ctx, l)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	for i, l := range b.list {
		for _, e := range l.layer.Entries() {
			if e.Kind == layers.Symlink {
				links = append(links, e.Path)
			}
			if f := facts[i][e.Path]; f != nil {
				files = append(files, check.File{Path: e.Path, Wheel: wheelOf(l.layer, e), Facts: f})
			}
		}
	}
	return files, links, nil
}

// wheelOf is the wheel that brings an entry; an entry's origin begins with it.
func wheelOf(l *plan.Layer, e layers.Entry) string {
	if l.Recipe.Role != layers.RoleNative && l.Recipe.Role != layers.RolePure {
		return ""
	}
	name, _, _ := strings.Cut(e.Origin, ": ")
	return name
}

// tapped collects the facts of native files while a layer is built.
type tapped struct {
	mu    sync.Mutex
	seen  map[string]bool
	facts map[string]*elffacts.Facts
}

func (t *tapped) tap(e *layers.Entry, content []byte) {
	if !mayBeNative(*e) {
		return
	}
	f, err := elffacts.ReadBytes(content)
	if err != nil {
		return // bytes in memory are read without errors; what is not seen is read later
	}
	t.add(e.Path, f)
}

// add notes the facts of a file, nil where it is no ELF file.
func (t *tapped) add(path string, f *elffacts.Facts) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen[path] = true
	if f != nil {
		t.facts[path] = f
	}
}

// facts returns what the ELF files of a layer need, by path: from the store, or from what was
// seen while the layer was built, and by reading what was not.
func (r *run) facts(ctx context.Context, b *blob) (map[string]*elffacts.Facts, error) {
	var known map[string]*elffacts.Facts
	if b.facts != nil && json.Unmarshal(b.facts, &known) == nil { // another image has the layer as well
		return known, nil
	}
	if raw, err := r.store.Get("facts", string(b.layer.Key)); err == nil && json.Unmarshal(raw, &known) == nil {
		b.facts = raw
		return known, nil
	}
	if raw, ok := b.cached.factsOf(ctx, b); ok && json.Unmarshal(raw, &known) == nil {
		b.facts = raw
		return known, nil
	}
	t := b.tapped
	if t == nil {
		t = newTapped()
	}
	for _, e := range b.layer.Entries() {
		if !mayBeNative(e) || t.has(e.Path) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f, err := elffacts.Read(e.Open, e.Size)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", e.Origin, err)
		}
		t.add(e.Path, f)
	}
	raw, err := json.Marshal(t.facts)
	if err != nil {
		return nil, fmt.Errorf("writing facts of %s: %w", b.layer.Title, err)
	}
	b.facts = raw
	r.keep("facts", string(b.layer.Key), raw)
	return t.facts, nil
}

func newTapped() *tapped {
	return &tapped{seen: map[string]bool{}, facts: map[string]*elffacts.Facts{}}
}

func (t *tapped) has(path string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seen[path]
}

// mayBeNative picks the files that a loader could be given: shared libraries by their names, and
// programs by their modes.
func mayBeNative(e layers.Entry) bool {
	return e.Kind == layers.File && e.Size > 0 && (e.Mode&0o111 != 0 || strings.Contains(path.Base(e.Path), ".so"))
}

// libraryPath is the LD_LIBRARY_PATH that the image will have.
func (r *run) libraryPath(p *planned) []string {
	const name = "LD_LIBRARY_PATH"
	value := ""
	for _, e := range p.base.env() {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			value = v
		}
	}
	for _, kv := range r.build.Edits.Env {
		if kv.Key == name {
			value = kv.Value
		}
	}
	if value == "" {
		return nil
	}
	return strings.FieldsFunc(value, func(c rune) bool { return c == ':' || c == ';' })
}

// env is the environment that the base's configuration gives its containers. The configuration
// has been read before; what it does not have is nothing.
func (b *base) env() []string {
	var c struct {
		Config struct{ Env []string } `json:"config"`
	}
	if err := json.Unmarshal(b.image.Config, &c); err != nil {
		return nil
	}
	return c.Config.Env
}
