package packages

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/pkg/pipwheel/lockfile"
	"github.com/layerpack/layerpack/pkg/pipwheel/requirement"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// maxFile bounds a requirement file or lock, in bytes.
const maxFile = 64 << 20

// asked is all that the user wants, as it was read.
type asked struct {
	set       *requirement.Set
	overrides []requirement.Requirement
	lock      lockfile.Lock
	choice    lockfile.Choice
	// files are the names of what was read.
	files []string
}

// nothing reports whether nothing is wanted.
func (a *asked) nothing() bool { return a.lock == nil && len(a.set.Requirements) == 0 }

// isProject reports whether a file of -r is a pyproject.toml, by its name.
func isProject(file string) bool { return filepath.Base(file) == projectFile }

const projectFile = "pyproject.toml"

// ask reads what the user wants. A project's own requirements.txt that is not there asks for nothing.
func (f *Finder) ask(ctx context.Context) (*asked, error) {
	p := &f.Build.Packages
	a := &asked{set: &requirement.Set{}, choice: lockfile.Choice{Extras: p.Extras, Groups: p.Groups}}
	var texts, projects, locks []string
	for _, name := range f.named() {
		a.files = append(a.files, name)
		switch {
		case lockfile.IsLock(filepath.ToSlash(name)):
			locks = append(locks, name)
		case isProject(name):
			projects = append(projects, name)
		default:
			texts = append(texts, name)
		}
	}
	if len(locks) > 0 {
		return a, f.locked(a, locks, len(texts)+len(projects)+len(p.Words)+len(p.Overrides))
	}
	set, err := f.reader(ctx).Files(texts, p.Constraints)
	if err != nil {
		return nil, err
	}
	a.add(set)
	for _, words := range p.Words {
		set, err := f.reader(ctx).Args("--pip", words)
		if err != nil {
			return nil, err
		}
		a.add(set)
	}
	if err := f.projects(a, projects); err != nil {
		return nil, err
	}
	if len(p.Overrides) > 0 {
		set, err := f.reader(ctx).Files(p.Overrides, nil)
		if err != nil {
			return nil, fmt.Errorf("--override: %w", err)
		}
		a.overrides = set.Requirements
	}
	if p.RequireHashes {
		a.set.Options.RequireHashes = true
	}
	for _, n := range a.set.Notes {
		f.Note("%s", n)
	}
	return a, nil
}

// named are the files to read: those that the user named, else the project's own if it is there.
func (f *Finder) named() []string {
	if len(f.Build.Packages.Files) > 0 {
		return f.Build.Packages.Files
	}
	if own := f.Build.Requirements; own != "" && source.Exists(own) {
		return []string{filepath.Base(own)}
	}
	return nil
}

// locked reads the one lock, which has everything decided already.
func (f *Finder) locked(a *asked, locks []string, others int) error {
	name := locks[0]
	if len(locks) > 1 || others > 0 {
		return refusal.New(name, "a lock is complete: nothing can be asked for beside it",
			"give it alone, or make it anew with layerpack lock and all that is wanted")
	}
	text, err := f.read(name)
	if err != nil {
		return err
	}
	if len(f.Build.Packages.Constraints) > 0 {
		f.Detail("%s: constraints have no say beside a lock", name)
	}
	// Paths in it are meant from its folder.
	a.lock, err = lockfile.Parse(filepath.ToSlash(name), text)
	return err
}

// projects adds what pyproject.toml files depend on, and their groups.
func (f *Finder) projects(a *asked, files []string) error {
	p := &f.Build.Packages
	whole := len(files) > 0
	if !whole {
		switch {
		case len(p.Extras) > 0:
			return refusal.New("--extra "+p.Extras[0], "extras are those of a project or a lock, and none is named", "say -r pyproject.toml or -r with a lock as well")
		case len(p.Groups) == 0:
			return nil
		}
		files = []string{projectFile}
	}
	for _, name := range files {
		text, err := f.read(name)
		if errors.Is(err, fs.ErrNotExist) && !whole {
			return refusal.New("--group "+p.Groups[0], "there is no pyproject.toml here that has it", "run in the project's folder, or say -r PATH/pyproject.toml as well")
		}
		if err != nil {
			return err
		}
		project, err := requirement.ParseProject(filepath.ToSlash(name), text)
		if err != nil {
			return err
		}
		if whole {
			if project.Dynamic || project.DynamicExtras && len(p.Extras) > 0 {
				return refusal.New(name, "its dependencies are dynamic: only a build of the project tells them",
					"lock it with uv lock, and give the lock: -r uv.lock")
			}
			needs, err := project.Dependencies(p.Extras...)
			if err != nil {
				return err
			}
			a.set.Requirements = append(a.set.Requirements, needs...)
		}
		groups, err := project.Groups(p.Groups...)
		if err != nil {
			return err
		}
		a.set.Requirements = append(a.set.Requirements, groups...)
	}
	return nil
}

// add joins what another file or text asks for.
func (a *asked) add(s *requirement.Set) {
	a.set.Requirements = append(a.set.Requirements, s.Requirements...)
	a.set.Constraints = append(a.set.Constraints, s.Constraints...)
	a.set.Notes = append(a.set.Notes, s.Notes...)
	a.set.Options = a.set.Options.Join(s.Options)
}

// reader reads requirement files from the project's folder on.
func (f *Finder) reader(ctx context.Context) requirement.Reader {
	return requirement.Reader{
		Open: f.read, OpenURL: func(url string) ([]byte, error) { return f.fetch(ctx, url) }, Getenv: f.Variables,
	}
}

// fetch returns the bytes of a requirement file behind a URL.
func (f *Finder) fetch(ctx context.Context, address string) ([]byte, error) {
	c, err := f.connect()
	if err != nil {
		return nil, err
	}
	return c.Text(ctx, address, maxFile)
}

// read returns the bytes of a file, whose path is meant from the project's folder.
func (f *Finder) read(name string) ([]byte, error) {
	return f.Texts.read(f.path(name))
}

// Texts are the bytes of files that were read, by their paths. A pipe can be read only once.
type Texts struct {
	mu    sync.Mutex
	texts map[string][]byte
}

func (t *Texts) read(path string) ([]byte, error) {
	if t == nil {
		return source.ReadFile(path, maxFile)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if text, ok := t.texts[path]; ok {
		return text, nil
	}
	text, err := source.ReadFile(path, maxFile)
	if err == nil {
		if t.texts == nil {
			t.texts = map[string][]byte{}
		}
		t.texts[path] = text
	}
	return text, err
}

func (f *Finder) path(name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(f.Build.Dir, name)
}

// where joins the options of requirement files to what the build says about where to look.
func (f *Finder) where(o *requirement.Options) {
	if o.IndexURL != "" {
		// As with pip: a file's index is instead of all that is configured.
		f.sent.indexURL, f.sent.extra = o.IndexURL, nil
	}
	f.sent.extra = append(slices.Clone(f.sent.extra), o.ExtraIndexURLs...)
	f.sent.links = slices.Clone(f.sent.links)
	for _, l := range o.FindLinks {
		at := l.Location
		if l.Beside != "" && source.Exists(f.path(l.Beside)) {
			at = l.Beside
		}
		if !strings.Contains(at, "://") && !strings.HasPrefix(at, "file:") {
			at = f.path(at)
		}
		f.sent.links = append(f.sent.links, at)
	}
	f.sent.trusted = append(slices.Clone(f.sent.trusted), o.TrustedHosts...)
	f.sent.noIndex = f.sent.noIndex || o.NoIndex
}
