package assemble

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/sync/errgroup"

	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/push"
	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/pkg/manifest"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// maxRequirements bounds a requirements.txt, in bytes.
const maxRequirements = 16 << 20

// inputs are what a build takes from the host, opened and hashed.
type inputs struct {
	sources []plan.Tree
	files   []plan.Tree
	wheels  []plan.Wheel
	open    []io.Closer
	// prioritize are paths of the image, relative to its root.
	prioritize []string
}

// close gives up the inputs. They were only read, so a failure to close loses nothing.
func (in *inputs) close() {
	for _, c := range in.open {
		_ = c.Close()
	}
}

// checkOutput refuses an output folder that cannot be written before anything is done.
func (r *run) checkOutput() error {
	if r.build.Output == nil {
		return nil
	}
	_, err := push.CheckLayoutTarget(r.build.Output.Dir)
	return err
}

// read opens and hashes everything that the build takes from the host.
func (r *run) read(ctx context.Context, b *base) (in *inputs, err error) {
	in = &inputs{}
	defer func() {
		if err != nil {
			in.close()
		}
	}()
	if err := r.envFiles(); err != nil {
		return in, err
	}
	if err := r.readWheels(ctx, b, in); err != nil {
		return in, err
	}
	if err := r.requirements(b); err != nil {
		return in, err
	}
	if in.prioritize, err = r.prioritize(); err != nil {
		return in, err
	}
	exclude := r.exclusions()
	for _, m := range r.build.Sources {
		t, err := source.Folder(m.Src, source.Options{Exclude: exclude})
		if err != nil {
			return in, fmt.Errorf("--source %s: %w", m.Given, err)
		}
		if err := in.add(ctx, &in.sources, m, t); err != nil {
			return in, err
		}
		r.leftOut(m, t)
	}
	for _, m := range r.build.Files {
		t, err := source.File(m.Src)
		if err != nil {
			return in, fmt.Errorf("--file %s: %w", m.Given, err)
		}
		if err := in.add(ctx, &in.files, m, t); err != nil {
			return in, err
		}
	}
	return in, nil
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

// readWheels chooses among the wheels by their names, then opens and hashes the chosen ones.
func (r *run) readWheels(ctx context.Context, b *base, in *inputs) error {
	if len(r.build.Wheels) == 0 {
		return nil
	}
	found, err := source.Wheels(r.build.Wheels)
	if err != nil {
		return fmt.Errorf("--wheels: %w", err)
	}
	if b.profile.Python == nil {
		return refusal.New(r.build.Base.Given, "the base has no Python that wheels could be installed for: "+b.profile.PythonNote,
			"use a base with Python, or leave --wheels out")
	}
	names := make([]string, len(found))
	for i, w := range found {
		r.wheelFiles = append(r.wheelFiles, w.Path)
		names[i] = w.Name
	}
	choice, err := pipwheel.Choose(names, *b.profile.Python)
	if err != nil {
		return fmt.Errorf("--wheels: %w", err)
	}
	for _, i := range choice.PassedOver {
		r.say(progress.Detail, "%s: passed over, another wheel of it fits better", names[i])
	}
	in.wheels = make([]plan.Wheel, len(choice.Chosen))
	in.open = make([]io.Closer, len(choice.Chosen))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for n, i := range choice.Chosen {
		g.Go(func() error {
			f, err := found[i].Open()
			if err != nil {
				return fmt.Errorf("--wheels: %w", err)
			}
			in.open[n] = f
			in.wheels[n], err = r.openWheel(ctx, found[i], f)
			in.wheels[n].Order = i
			return err
		})
	}
	err = g.Wait()
	in.open = compact(in.open)
	return err
}

func (r *run) openWheel(ctx context.Context, file source.WheelFile, f *os.File) (plan.Wheel, error) {
	w, err := pipwheel.Open(f, file.Size, file.Name, pipwheel.Options{StrictRecord: r.build.StrictRecord})
	if err != nil {
		return plan.Wheel{}, err
	}
	sum, err := r.hash(ctx, file)
	if err != nil {
		return plan.Wheel{}, fmt.Errorf("hashing %s: %w", file.Name, err)
	}
	return plan.Wheel{Wheel: w, SHA256: sum}, nil
}

// settled is how long a file must have been as it is for its stamp to be believed.
const settled = 2 * time.Second

// hash returns the SHA-256 of a wheel, without reading it where it has not changed since it was
// last read.
func (r *run) hash(ctx context.Context, file source.WheelFile) (sum [sha256.Size]byte, err error) {
	stamp, changed := file.Stamp()
	if stamp == "" || r.host.Now == nil || r.host.Now().Sub(changed) < settled {
		return file.SHA256(ctx)
	}
	key := digestOf([]byte(stamp)).String()
	if kept, err := r.store.Get("wheels", key); err == nil && len(kept) == len(sum) {
		copy(sum[:], kept)
		return sum, nil
	}
	if sum, err = file.SHA256(ctx); err == nil {
		r.keep("wheels", key, sum[:])
	}
	return sum, err
}

func compact(list []io.Closer) []io.Closer {
	var out []io.Closer
	for _, c := range list {
		if c != nil {
			out = append(out, c)
		}
	}
	return out
}

// requirements refuses a project whose requirements.txt asks for what neither the base nor
// --wheels bring: an image without them would fail when it runs.
func (r *run) requirements(b *base) error {
	if r.build.Requirements == "" || len(r.build.Sources) == 0 {
		return nil
	}
	text, err := source.ReadFile(r.build.Requirements, maxRequirements)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	unmet := plan.Unmet(string(text), b.profile)
	if len(unmet) == 0 {
		r.note("requirements.txt: the base has all of it")
		return nil
	}
	return plan.RequirementsError(unmet, r.build, b.profile)
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
func (r *run) exclusions() []source.Exclusion {
	out := []source.Exclusion{{Path: filepath.Join(r.build.Dir, spec.DefaultOutput), Why: "layerpack's own output"}}
	add := func(path, why string) {
		if path != "" {
			out = append(out, source.Exclusion{Path: path, Why: why})
		}
	}
	if r.build.Output != nil {
		add(r.build.Output.Dir, "layerpack's own output")
		for _, p := range push.Leftovers(r.build.Output.Dir) {
			add(p, "left by a run that was killed")
		}
	}
	for _, p := range r.build.Wheels {
		add(p, "named by --wheels")
	}
	for _, w := range r.wheelFiles {
		add(w, "named by --wheels") // of a --wheels folder that is the source itself
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
	add(r.build.Base.Layout, "named by --base")
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
