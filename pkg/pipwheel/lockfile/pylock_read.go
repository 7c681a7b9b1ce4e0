package lockfile

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// ParsePylock reads a pylock.toml and checks what PEP 751 demands of it; file is its name, for messages
// and relative paths. The error is a [*refusal.Error].
func ParsePylock(file string, data []byte) (*Pylock, error) {
	var w wireLock
	if err := toml.Unmarshal(data, &w); err != nil {
		return nil, &refusal.Error{Input: file, Cause: "not a pylock.toml", Err: tomlError(err)}
	}
	p := &Pylock{file: file, Extras: w.Extras, DependencyGroups: w.Groups, DefaultGroups: w.DefaultGroups}
	if err := p.head(&w); err != nil {
		return nil, &refusal.Error{Input: file, Cause: "not a valid pylock.toml (PEP 751)", Err: err}
	}
	for i, entry := range *w.Packages {
		pkg, err := entry.read()
		if err != nil {
			return nil, &refusal.Error{Input: file, Cause: fmt.Sprintf("not a valid pylock.toml (PEP 751): packages[%d]", i), Err: err}
		}
		p.Packages = append(p.Packages, pkg)
	}
	return p, nil
}

func (p *Pylock) head(w *wireLock) error {
	switch {
	case w.LockVersion == nil:
		return errors.New("lock-version is missing")
	case w.CreatedBy == nil:
		return errors.New("created-by is missing")
	case w.Packages == nil:
		return errors.New("packages is missing")
	}
	p.LockVersion, p.CreatedBy = *w.LockVersion, *w.CreatedBy
	v, err := version.Parse(p.LockVersion)
	if err != nil {
		return fmt.Errorf("lock-version: %w", err)
	}
	if major, _ := v.Number(0); major != 1 || v.Epoch() != "0" {
		return fmt.Errorf("lock-version is %s, and only 1.x is understood: a newer version of layerpack may read it", v)
	}
	if p.RequiresPython, err = version.ParseSet(w.RequiresPython); err != nil {
		return fmt.Errorf("requires-python: %w", err)
	}
	if w.Environments != nil {
		p.Environments = []marker.Marker{}
		for _, text := range *w.Environments {
			m, err := marker.Parse(text)
			if err != nil {
				return fmt.Errorf("environments: %w", err)
			}
			p.Environments = append(p.Environments, m)
		}
	}
	for _, extra := range p.Extras {
		if !distname.Valid(extra) || distname.Normalize(extra) != extra {
			return fmt.Errorf("the extra %q is not a normalised name", extra)
		}
	}
	return nil
}

func (w *wirePackage) read() (Package, error) {
	if w.Name == nil {
		return Package{}, errors.New("name is missing")
	}
	p := Package{Name: *w.Name, Version: w.Version, Index: w.Index}
	fail := func(err error) (Package, error) { return p, fmt.Errorf("%s: %w", p.Name, err) }
	if !distname.Valid(p.Name) || distname.Normalize(p.Name) != p.Name {
		return p, fmt.Errorf("%q is not a normalised name", p.Name)
	}
	var err error
	if w.Version != "" {
		if _, err = version.Parse(w.Version); err != nil {
			return fail(err)
		}
	}
	if err = p.Marker.UnmarshalText([]byte(w.Marker)); err != nil {
		return fail(fmt.Errorf("marker: %w", err))
	}
	if p.RequiresPython, err = version.ParseSet(w.RequiresPython); err != nil {
		return fail(fmt.Errorf("requires-python: %w", err))
	}
	if err = w.source(&p); err != nil {
		return fail(err)
	}
	return p, nil
}

// source reads where a package is from, and that there is one such place.
func (w *wirePackage) source(p *Package) error {
	direct := 0
	for _, given := range []bool{w.VCS != nil, w.Directory != nil, w.Archive != nil} {
		if given {
			direct++
		}
	}
	files := len(w.Wheels) > 0 || w.Sdist != nil
	switch {
	case files && direct > 0:
		return errors.New("it has files of an index and a source of its own: vcs, directory and archive stand alone")
	case !files && direct != 1:
		return errors.New("it has no source: one of wheels, sdist, archive, vcs and directory")
	}
	var err error
	for i := range w.Wheels {
		if err = w.Wheels[i].wheel(p); err != nil {
			return err
		}
	}
	if w.Sdist != nil {
		var f File
		f, err = w.Sdist.read()
		p.Sdist = &f
	}
	if w.Archive != nil {
		var f File
		f, err = w.Archive.read()
		p.Archive = &Archive{f, w.Archive.Subdirectory}
	}
	if v := w.VCS; v != nil {
		if v.Type == "" || v.CommitID == "" || v.URL == "" && v.Path == "" {
			return errors.New("vcs needs type, commit-id, and url or path")
		}
		p.VCS = &VCS{v.Type, v.URL, v.Path, v.RequestedRevision, v.CommitID, v.Subdirectory}
	}
	if d := w.Directory; d != nil {
		if d.Path == nil {
			return errors.New("directory needs a path")
		}
		p.Directory = &Directory{*d.Path, d.Editable, d.Subdirectory}
	}
	return err
}

// wheel adds a wheel whose name agrees with its package.
func (w *wireFile) wheel(p *Package) error {
	f, err := w.read()
	if err != nil {
		return err
	}
	name, err := tag.ParseFilename(f.FileName())
	if err == nil {
		if distname.Normalize(name.Name) != p.Name {
			return fmt.Errorf("%s is not a wheel of it", f.FileName())
		}
		if p.Version != "" && !sameVersion(name.Version, p.Version) {
			return fmt.Errorf("%s is not a wheel of its version %s", f.FileName(), p.Version)
		}
	} else if !strings.HasSuffix(f.FileName(), ".whl") {
		return err
	}
	p.Wheels = append(p.Wheels, f)
	return nil
}

func (w *wireFile) read() (File, error) {
	f := File{Name: w.Name, URL: w.URL, Path: w.Path, Size: w.Size, Hashes: w.Hashes}
	f.UploadTime, _ = w.UploadTime.(time.Time)
	switch {
	case f.URL == "" && f.Path == "":
		return f, errors.New("a file needs a url or a path")
	case f.FileName() == "":
		return f, errors.New("a file has no name")
	case len(f.Hashes) == 0:
		return f, fmt.Errorf("%s has no hash", f.FileName())
	case f.Size < 0:
		return f, fmt.Errorf("%s has a size below 0", f.FileName())
	}
	return f, nil
}

func sameVersion(a, b string) bool {
	x, errX := version.Parse(a)
	y, errY := version.Parse(b)
	return errX == nil && errY == nil && x.Equal(y)
}

// tomlError adds the position, which go-toml keeps apart.
func tomlError(err error) error {
	var d *toml.DecodeError
	if errors.As(err, &d) {
		row, column := d.Position()
		return fmt.Errorf("line %d, column %d: %w", row, column, err)
	}
	return err
}
