package assemble

import (
	"bytes"
	"cmp"
	"context"
	"fmt"

	"github.com/layerpack/layerpack/internal/packages"
	"github.com/layerpack/layerpack/pkg/pipwheel/lockfile"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Lock chooses versions and wheels for each build, which differ in platform, and returns them as one pylock.toml
// (PEP 751). What a base has is not in it. Nothing is pushed or written. before is the text of an earlier lock, whose versions are kept
// where they still will do, file its name; nil keeps none.
func Lock(ctx context.Context, builds []*Build, h Host, file string, before []byte) ([]byte, error) {
	keep, err := versionsOf(file, before)
	if err != nil {
		return nil, err
	}
	var all []lockfile.Resolution
	texts := cmp.Or(h.Texts, &packages.Texts{})
	for _, b := range builds {
		found, err := lockOne(ctx, b, h, keep, texts)
		if err != nil {
			return nil, err
		}
		all = append(all, found)
	}
	merged, err := lockfile.Merge(all)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := lockfile.Write(&out, merged); err != nil {
		return nil, fmt.Errorf("writing the lock: %w", err)
	}
	return out.Bytes(), nil
}

// versionsOf are the versions in a lock, by name. Of a name in several versions none is kept.
func versionsOf(file string, lock []byte) (map[string]string, error) {
	if lock == nil {
		return nil, nil
	}
	p, err := lockfile.ParsePylock(file, lock)
	if err != nil {
		return nil, fmt.Errorf("%w (--upgrade makes it anew, without its versions)", err)
	}
	out := map[string]string{}
	for i := range p.Packages {
		pkg := &p.Packages[i]
		if _, twice := out[pkg.Name]; twice {
			out[pkg.Name] = ""
			continue
		}
		out[pkg.Name] = pkg.Version
	}
	return out, nil
}

func lockOne(ctx context.Context, b *Build, h Host, keep map[string]string, texts *packages.Texts) (lockfile.Resolution, error) {
	none := lockfile.Resolution{}
	if err := oneAlone(b, "name the platforms to lock for"); err != nil {
		return none, err
	}
	r, err := newRun(b, h)
	if err != nil {
		return none, err
	}
	defer r.tidy()
	r.preferences, r.texts, r.forLock = keep, texts, true
	from, err := r.openBase(ctx)
	if err != nil {
		return none, err
	}
	defer from.close()
	base, err := r.resolve(ctx, from)
	if err != nil {
		return none, err
	}
	r.sayBase(base, b.Platform)
	if err := r.profile(ctx, base); err != nil {
		return none, err
	}
	python := base.profile.Python
	if python == nil {
		return none, refusal.New(b.Base.Given, "the base has no Python that wheels could be installed for: "+base.profile.PythonNote, "use a base with Python")
	}
	f := r.finder(nil, nil)
	found, err := r.choose(ctx, f, base)
	if err != nil {
		return none, fmt.Errorf("%s: %w", b.Platform.String(), err)
	}
	if !found.Asked {
		return none, refusal.New("lock", "nothing is asked for", "say -r requirements.txt, --pip REQUIREMENT or --group NAME")
	}
	r.sayFound(found)
	locked, err := f.Locked(ctx, found)
	err = room(err, moreRoom)
	return lockfile.Resolution{Environment: marker.Linux(python.Machine, python.Version, python.Implementation), Packages: locked}, err
}
