package packages

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/index"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/requirement"
	"github.com/layerpack/layerpack/pkg/pipwheel/resolve"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// provider tells a resolution what there is: of the wheels at hand first, then of the index that has the name.
type provider struct {
	finder  *Finder
	target  *target
	options *requirement.Options
	hand    map[string][]int // of Finder.AtHand, by normalised name
	// unfit are wheels at hand that do not fit the image: nobody else is asked for their names either.
	unfit map[string][]tag.Filename

	parser  resolve.Parser
	pythons sync.Map // of a Requires-Python, to its version.Set

	mu   sync.Mutex
	said map[string]*index.Metadata // by file name
}

// handle is what a candidate's ID holds.
type handle struct {
	hand int // -1: none at hand
	file *index.File
}

func newProvider(f *Finder, t *target, o *requirement.Options) (*provider, error) {
	p := &provider{finder: f, target: t, options: o, hand: map[string][]int{}, unfit: map[string][]tag.Filename{}, said: map[string]*index.Metadata{}}
	for i, h := range f.AtHand {
		name, err := tag.ParseFilename(h.File)
		if err != nil {
			return nil, &refusal.Error{Input: h.File, Cause: "not a wheel's file name", Err: err}
		}
		key := distname.Normalize(name.Name)
		if _, fits := t.tags.Rank(name.Tags); fits {
			p.hand[key] = append(p.hand[key], i)
		} else {
			p.unfit[key] = append(p.unfit[key], name)
		}
	}
	return p, nil
}

// Candidates implements [resolve.Provider].
func (p *provider) Candidates(ctx context.Context, name string) (resolve.Candidates, error) {
	if len(p.hand[name])+len(p.unfit[name]) > 0 {
		return p.atHand(name), nil
	}
	c, err := p.finder.client()
	if err != nil {
		return resolve.Candidates{}, err
	}
	project, err := c.Project(ctx, name)
	if errors.As(err, new(*index.NotFoundError)) {
		return resolve.Candidates{}, nil
	}
	if err != nil {
		return resolve.Candidates{}, err
	}
	for _, n := range project.Notes {
		p.finder.Detail("%s", n)
	}
	if project.Status == "quarantined" {
		return resolve.Candidates{}, refusal.New(name, "its index has put it into quarantine: "+project.StatusReason, "leave it out")
	}
	return p.offered(name, project), nil
}

// offered are the releases of an index.
func (p *provider) offered(name string, project *index.Project) resolve.Candidates {
	var out resolve.Candidates
	allowed := p.options.WheelAllowed(name)
	for _, r := range project.Releases {
		c := p.target.selector.Candidate(r)
		if c.Wheel == nil || !allowed {
			u := resolve.Unfit{Version: r.Version, Why: resolve.OnlySource, Text: "--no-binary forbids its wheels"}
			if allowed {
				u = p.why(r, c)
			}
			out.Unfit = append(out.Unfit, u)
			continue
		}
		out.Fit = append(out.Fit, resolve.Candidate{
			Name: name, Version: r.Version, Yanked: c.Yanked, YankedReason: c.Wheel.YankedReason,
			RequiresPython: p.python(c.Wheel.RequiresPython), ID: handle{hand: -1, file: c.Wheel},
		})
	}
	return out
}

// newerSource is the newest version of a chosen distribution that all who need it would take, and that is there as source
// and not as a wheel that fits: a wheel of it is most likely what was meant. pip would build it. passed says that a version with
// a wheel would do as well as far as they are concerned, so that something else ruled it out.
func (p *provider) newerSource(ctx context.Context, pkg *resolve.Package) (newest version.Version, passed bool, err error) {
	if h, ok := pkg.Candidate.ID.(handle); !ok || h.hand >= 0 || pkg.URL != "" {
		return newest, false, nil // no index was asked
	}
	c, err := p.finder.client()
	if err != nil {
		return newest, false, err
	}
	project, err := c.Project(ctx, pkg.Name) // as it was told before
	if err != nil {
		return newest, false, err
	}
	for _, r := range project.Releases {
		if r.Version.Compare(pkg.Version) <= 0 || r.Version.IsPrerelease() || !allTake(pkg.NeededBy, r.Version) {
			continue
		}
		switch found := p.target.selector.Candidate(r); {
		case found.Wheel != nil && p.options.WheelAllowed(pkg.Name):
			passed = passed || !found.Yanked
		case (newest.IsZero() || r.Version.Compare(newest) > 0) && p.target.selector.Source(r):
			newest = r.Version
		}
	}
	return newest, passed, nil
}

func allTake(who []resolve.Dependent, v version.Version) bool {
	for _, d := range who {
		if r, _, err := marker.ParseRequirementLenient(d.Requirement); err != nil || !r.Specifiers.Match(v, true) {
			return false
		}
	}
	return true
}

// why says why a release has no wheel for the image, in words only when they are asked for: most never are.
func (p *provider) why(r index.Release, c index.Candidate) resolve.Unfit {
	u := resolve.Unfit{Version: r.Version}
	switch c.Why {
	case index.OnlySource:
		u.Why, u.Text = resolve.OnlySource, c.Nearest.Filename
		return u
	case index.WrongPython:
		u.Why, u.Text = resolve.WrongPython, c.Nearest.RequiresPython
		return u
	case index.WrongTags:
		u.Why = resolve.WrongPlatform
	case index.TooNew:
		u.Why = resolve.TooNew
	}
	u.Explain = func() string { return p.target.selector.Explain(r) }
	return u
}

// python reads a Requires-Python, each text once. What cannot be read admits all, as with pip.
func (p *provider) python(text string) version.Set {
	if known, ok := p.pythons.Load(text); ok {
		return known.(version.Set)
	}
	set, _, err := version.ParseSetLenient(text)
	if err != nil {
		set = version.Set{}
	}
	p.pythons.Store(text, set)
	return set
}

// atHand are the wheels of a name that the user gave, of each version the best.
func (p *provider) atHand(name string) resolve.Candidates {
	best := map[string]resolve.Candidate{}
	var order []string
	files := map[string]tag.Filename{}
	for _, i := range p.hand[name] {
		file, _ := tag.ParseFilename(p.finder.AtHand[i].File) // it was read before
		v, err := version.Parse(file.Version)
		if err != nil {
			continue
		}
		key := v.Canonical()
		if before, ok := files[key]; ok && !p.better(file, before) {
			continue
		}
		if _, ok := files[key]; !ok {
			order = append(order, key)
		}
		files[key] = file
		best[key] = resolve.Candidate{Name: name, Version: v, ID: handle{hand: i}}
	}
	var out resolve.Candidates
	for _, key := range order {
		out.Fit = append(out.Fit, best[key])
	}
	for _, file := range p.unfit[name] {
		v, err := version.Parse(file.Version)
		if err != nil || best[v.Canonical()].Name != "" {
			continue
		}
		out.Unfit = append(out.Unfit, resolve.Unfit{Version: v, Why: resolve.WrongPlatform, Text: tag.Explain(p.target.interpreter, file)})
	}
	slices.SortFunc(out.Unfit, func(a, b resolve.Unfit) int { return b.Version.Compare(a.Version) })
	slices.SortFunc(out.Fit, func(a, b resolve.Candidate) int { return b.Version.Compare(a.Version) })
	return out
}

// better reports whether wheel a of a version is preferred to b.
func (p *provider) better(a, b tag.Filename) bool {
	ra, _ := p.target.tags.Rank(a.Tags)
	rb, _ := p.target.tags.Rank(b.Tags)
	if ra != rb {
		return ra < rb
	}
	return tag.CompareBuild(a.Build, b.Build) > 0
}

// Direct implements [resolve.Provider].
func (p *provider) Direct(_ context.Context, name, url string) (resolve.Candidate, error) {
	file, err := p.finder.fileAt(url)
	if err != nil {
		return resolve.Candidate{}, err
	}
	parsed, err := tag.ParseFilename(file.Filename)
	if err != nil {
		return resolve.Candidate{}, &refusal.Error{Input: file.Filename, Cause: "not a wheel's file name", Err: err}
	}
	if _, fits := p.target.tags.Rank(parsed.Tags); !fits {
		return resolve.Candidate{}, refusal.New(file.Filename, "it does not fit the image: "+tag.Explain(p.target.interpreter, parsed),
			"name a wheel for the image's platform")
	}
	v, err := version.Parse(parsed.Version)
	if err != nil {
		return resolve.Candidate{}, &refusal.Error{Input: file.Filename, Cause: "its version", Err: err}
	}
	return resolve.Candidate{Name: name, Version: v, ID: handle{hand: -1, file: &file}}, nil
}

// Metadata implements [resolve.Provider].
func (p *provider) Metadata(ctx context.Context, c resolve.Candidate) (resolve.Metadata, error) {
	h, ok := c.ID.(handle)
	if !ok {
		return resolve.Metadata{}, fmt.Errorf("%s %s is none of the candidates", c.Name, c.Version)
	}
	m, err := p.metadata(ctx, h)
	if err != nil {
		return resolve.Metadata{}, err
	}
	parsed, repairs, err := p.parser.Metadata(m.RequiresDist, m.RequiresPython, m.ProvidesExtra)
	for _, r := range repairs {
		p.finder.Detail("%s %s: %s", c.Name, c.Version, r)
	}
	return parsed, err
}

func (p *provider) metadata(ctx context.Context, h handle) (*index.Metadata, error) {
	if h.hand >= 0 {
		w, _, err := p.finder.AtHand[h.hand].Open(ctx)
		if err != nil {
			return nil, err
		}
		m := index.MetadataOf(w.Metadata)
		return &m, nil
	}
	c, err := p.finder.client()
	if err != nil {
		return nil, err
	}
	m, err := c.Metadata(ctx, *h.file)
	var lie *index.MismatchError
	if errors.As(err, &lie) && lie.What == "version in METADATA" {
		// Its authors built it wrongly; another version may be good, and pip and uv look for one too.
		p.finder.Detail("%s is passed over: %v", h.file.Filename, lie)
		return nil, &resolve.Unusable{Reason: fmt.Sprintf("the %s of %s is %s", lie.What, h.file.Filename, lie.Got)}
	}
	if errors.As(err, &lie) {
		return nil, errors.Join(err, c.Forget(*h.file))
	}
	if refusal.Is(err) {
		// It cannot be read; another version may be good.
		return nil, &resolve.Unusable{Reason: "its metadata cannot be used", Err: err}
	}
	if err == nil {
		p.mu.Lock()
		p.said[h.file.Filename] = m
		p.mu.Unlock()
	}
	return m, err
}
