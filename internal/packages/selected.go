package packages

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/index"
	"github.com/layerpack/layerpack/pkg/pipwheel/lockfile"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// selected turns what a lock selects into wheels. No index is asked where the lock names the files.
func (f *Finder) selected(ctx context.Context, t *target, s *lockfile.Selection) ([]Wheel, error) {
	for _, n := range s.Notes {
		f.Note("%s", n)
	}
	out := make([]Wheel, 0, len(s.Packages))
	for i := range s.Packages {
		w, err := f.lockedWheel(ctx, t, &s.Packages[i])
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

func (f *Finder) lockedWheel(ctx context.Context, t *target, l *lockfile.Locked) (Wheel, error) {
	w := Wheel{Name: l.Name, Version: l.Version, File: l.File, Requested: l.Requested, Hand: -1, index: l.Index}
	sums, err := hashes(l.Hashes)
	if err != nil {
		return w, fmt.Errorf("%s %s: %w", l.Name, l.Version, err)
	}
	w.want.Size = l.Size
	if w.want.Hashes = sums; l.AnyHash {
		w.want.Hashes, w.want.AnyOf = nil, sums
	}
	if ok, err := f.handed(ctx, t, &w, l, sums); ok || err != nil {
		return w, err
	}
	switch {
	case l.URL == "" && l.Path == "":
		if w.file, err = f.hashedFile(ctx, t, l, sums); err != nil {
			return w, err
		}
		w.File = w.file.Filename
	case l.Path != "":
		w.file, err = f.fileAt(l.Path)
	default:
		if w.file, err = index.FileAt(l.URL); err == nil && l.Direct {
			w.DirectURL = l.URL
		}
	}
	if err != nil {
		return w, err
	}
	if w.File != "" {
		w.file.Filename = w.File // where the URL ends otherwise
	}
	// Of hashes of which any will do, one alone says what the file's is.
	if w.SHA256 = w.file.SHA256(); w.SHA256 == "" && (!l.AnyHash || len(sums) == 1) {
		w.SHA256 = oneSHA256(sums)
	}
	return w, nil
}

// handed takes a wheel at hand that is the locked one, by its hash: it need not be fetched.
func (f *Finder) handed(ctx context.Context, t *target, w *Wheel, l *lockfile.Locked, sums []index.Hash) (bool, error) {
	for i, h := range f.AtHand {
		name, err := tag.ParseFilename(h.File)
		if err != nil || distname.Normalize(name.Name) != l.Name || l.File != "" && l.File != h.File {
			continue
		}
		if _, fits := t.tags.Rank(name.Tags); !fits {
			continue
		}
		_, sum, err := h.Open(ctx)
		if err != nil {
			return false, err
		}
		if slices.Contains(sums, index.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])}) {
			w.Hand, w.File, w.SHA256 = i, h.File, hex.EncodeToString(sum[:])
			if l.Direct {
				w.DirectURL = l.URL // where it came from does not show
			}
			return true, nil
		}
	}
	return false, nil
}

// oneSHA256 is the only SHA-256 among hashes, empty where there are none or several.
func oneSHA256(sums []index.Hash) string {
	only := ""
	for _, h := range sums {
		if h.Algorithm == "sha256" {
			if only != "" {
				return ""
			}
			only = h.Hex
		}
	}
	return only
}

// hashedFile finds the file that a version and hashes name.
func (f *Finder) hashedFile(ctx context.Context, t *target, l *lockfile.Locked, sums []index.Hash) (index.File, error) {
	c, err := f.client()
	if err != nil {
		return index.File{}, err
	}
	p, err := c.Project(ctx, l.Name)
	if err != nil {
		return index.File{}, notFound(err)
	}
	want, err := version.ParseSet("==" + l.Version) // a local version of it will do, as for pip
	if err != nil {
		return index.File{}, &refusal.Error{Input: l.Name, Cause: "its version", Err: err}
	}
	i := slices.IndexFunc(p.Releases, func(r index.Release) bool {
		return want.Match(r.Version, true) && t.selector.Candidate(r, sums...).Wheel != nil
	})
	if i < 0 {
		i = slices.IndexFunc(p.Releases, func(r index.Release) bool { return want.Match(r.Version, true) })
	}
	if i < 0 {
		return index.File{}, refusal.New(l.Name+" "+l.Version, "no index has that version", "lock again, or name the index that has it with --index-url")
	}
	found := t.selector.Candidate(p.Releases[i], sums...)
	if found.Wheel == nil {
		return index.File{}, refusal.New(l.Name+" "+l.Version, t.selector.Explain(p.Releases[i], sums...),
			"lock again with the hashes of wheels for the image's platform")
	}
	return *found.Wheel, nil
}

// notFound makes a refusal of a name that no index has.
func notFound(err error) error {
	var missing *index.NotFoundError
	if errors.As(err, &missing) {
		return &refusal.Error{Input: missing.Name, Cause: "no index has it", Err: err, Fix: "check the name, or name the index that has it with --index-url or --extra-index-url"}
	}
	return err
}
