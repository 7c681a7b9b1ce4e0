package assemble

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/layerpack/layerpack/internal/packages"
	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/push"
	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/pkg/manifest"
)

// inputs are what a build takes from the host, hashed, and opened where that is needed: once for all its images.
type inputs struct {
	sources []plan.Tree
	files   []plan.Tree
	hand    *hand
	finder  *packages.Finder // of the first image; what it has asked serves the others
	links   []string         // where wheels were looked for besides indexes
	local   map[string]func(context.Context, reader) (plan.Wheel, error)
	mu      sync.Mutex
	open    []io.Closer
	// prioritize are paths of the image, relative to its root.
	prioritize []string
	arrivals   arrivals
}

func newInputs(from *origin) *inputs {
	return &inputs{open: from.open, local: map[string]func(context.Context, reader) (plan.Wheel, error){}}
}

// close gives up the inputs. They were only read, so a failure to close loses nothing.
func (in *inputs) close() {
	for _, c := range in.open {
		_ = c.Close()
	}
}

// checkOutput refuses an output that cannot be written before anything is done.
func (r *run) checkOutput() error {
	if r.build.Output == nil {
		return nil
	}
	if r.build.Output.Kind != spec.OCILayout {
		return push.CheckArchiveTarget(r.build.Output.Path)
	}
	_, err := push.CheckLayoutTarget(r.build.Output.Path)
	return err
}

// trees opens and hashes all that the build takes from the host but wheels.
func (r *run) trees(ctx context.Context, in *inputs) (err error) {
	if in.prioritize, err = r.prioritize(); err != nil {
		return err
	}
	exclude := r.exclusions(in)
	for _, m := range r.build.Sources {
		t, err := source.Folder(m.Src, source.Options{Exclude: exclude})
		if err != nil {
			return fmt.Errorf("--source %s: %w", m.Given, err)
		}
		if err := in.add(ctx, &in.sources, m, t); err != nil {
			return err
		}
		r.leftOut(m, t)
	}
	for _, m := range r.build.Files {
		t, err := source.File(m.Src)
		if err != nil {
			return fmt.Errorf("--file %s: %w", m.Given, err)
		}
		if err := in.add(ctx, &in.files, m, t); err != nil {
			return err
		}
	}
	return nil
}

func (in *inputs) add(ctx context.Context, to *[]plan.Tree, m spec.Mapping, t *source.Tree) error {
	in.open = append(in.open, t)
	if err := t.Hash(ctx); err != nil {
		return fmt.Errorf("reading %s: %w", m.Given, err)
	}
	*to = append(*to, plan.Tree{Mapping: m, Tree: t})
	return nil
}

func (r *run) envFiles() error {
	var all []manifest.KV
	for _, f := range r.build.EnvFiles {
		lines, err := source.ReadEnvFile(f)
		if err != nil {
			return fmt.Errorf("--env-file: %w", err)
		}
		kvs, err := spec.ParseEnv("--env-file "+f, lines)
		if err != nil {
			return err
		}
		all = append(all, kvs...)
	}
	return r.build.AddEnv(all)
}

// maxPaths bounds a file of --prioritize, in bytes.
const maxPaths = 16 << 20

// prioritize reads the paths that come first in eStargz layers: one a line, with or without a
// slash before; empty lines and those that begin with # are passed over.
func (r *run) prioritize() ([]string, error) {
	if r.build.Prioritize == "" {
		return nil, nil
	}
	text, err := source.ReadFile(r.build.Prioritize, maxPaths)
	if err != nil {
		return nil, fmt.Errorf("--prioritize: %w", err)
	}
	var paths []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		paths = append(paths, strings.Trim(line, "/"))
	}
	return paths, nil
}

// exclusions are the paths of the host that are never part of a source.
func (r *run) exclusions(in *inputs) []source.Exclusion {
	out := []source.Exclusion{{Path: filepath.Join(r.build.Dir, spec.DefaultOutput), Why: "layerpack's own output"}}
	add := func(path, why string) {
		if path != "" {
			out = append(out, source.Exclusion{Path: path, Why: why})
		}
	}
	if r.build.Output != nil {
		add(r.build.Output.Path, "layerpack's own output")
		for _, p := range push.Leftovers(r.build.Output.Path) {
			add(p, "left by a run that was killed")
		}
	}
	for _, p := range r.build.Wheels {
		add(p, "named by --wheels")
	}
	for _, p := range slices.Concat(r.build.Packages.FindLinks, in.links) {
		if u, err := url.Parse(p); err == nil && u.Scheme == "file" {
			p = filepath.FromSlash(u.Path)
		}
		if filepath.IsAbs(p) {
			add(p, "named by --find-links")
		}
	}
	for _, w := range in.hand.files {
		add(w.Path, "named by --wheels") // of a --wheels folder that is the source itself
	}
	for _, p := range push.Leftovers(filepath.Join(r.build.Dir, spec.DefaultOutput)) {
		add(p, "left by a run that was killed")
	}
	for _, p := range r.build.EnvFiles {
		add(p, "named by --env-file")
	}
	for _, m := range r.build.Files {
		add(m.Src, "named by --file")
	}
	if r.build.Base.Path != spec.Stdin {
		add(r.build.Base.Path, "named by --base")
	}
	add(r.build.Prioritize, "named by --prioritize")
	add(r.host.CacheDir, "layerpack's cache")
	for _, p := range r.host.Exclude {
		add(p, "named on the command line")
	}
	return out
}

func (r *run) leftOut(m spec.Mapping, t *source.Tree) {
	if len(t.LeftOut) == 0 {
		return
	}
	paths := "paths"
	if len(t.LeftOut) == 1 {
		paths = "path"
	}
	r.note(fmt.Sprintf("%s: %d %s left out (-v lists them)", m.Given, len(t.LeftOut), paths))
	for _, l := range t.LeftOut {
		slash := ""
		if l.Dir {
			slash = "/"
		}
		name := l.Path + slash
		if strings.ContainsFunc(name, unicode.IsControl) {
			name = strconv.Quote(name)
		}
		r.say(progress.Detail, "left out %s (%s)", name, l.Rule)
	}
}

func (r *run) note(s string) {
	if w, ok := strings.CutPrefix(s, "warning: "); ok {
		r.say(progress.Warning, "%s", w)
		return
	}
	r.say(progress.Note, "%s", s)
}
