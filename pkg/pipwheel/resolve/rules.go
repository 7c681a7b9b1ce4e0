package resolve

import (
	"fmt"
	"net/url"
	"slices"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// rules is the input, made ready for questions by normalised name. It never changes.
type rules struct {
	env         marker.Environment
	python      version.Version
	wanted      []Requirement // that hold in the environment, overrides applied
	constraints []Requirement
	overrides   map[string][]Requirement
	installed   map[string]*Installed
	base        []*Installed // sorted by name
	keep        map[string]bool
	preferences map[string]version.Version
	newest      func(name string) bool // whether what is installed or preferred does not count
	policy      version.Prereleases
	policyOf    map[string]version.Prereleases
	pins        map[string][]version.Set
	asks        map[string]bool // for pre-releases
	urls        map[string]string
	noDeps      bool
}

func newRules(in Input) (*rules, error) {
	r := &rules{
		env:       in.Environment,
		overrides: map[string][]Requirement{},
		installed: map[string]*Installed{},
		keep:      map[string]bool{},
		policy:    in.Prereleases,
		policyOf:  in.PrereleasesOf,
		pins:      map[string][]version.Set{},
		asks:      map[string]bool{},
		urls:      map[string]string{},
		noDeps:    in.NoDeps,
	}
	if err := r.setPython(in); err != nil {
		return nil, err
	}
	upgraded := map[string]bool{}
	for _, n := range in.UpgradeNames {
		upgraded[distname.Normalize(n)] = true
	}
	r.newest = func(name string) bool { return in.Upgrade || upgraded[name] }
	r.preferences = map[string]version.Version{}
	for n, v := range in.Preferences {
		if n = distname.Normalize(n); !r.newest(n) {
			r.preferences[n] = v
		}
	}
	for _, n := range in.Keep {
		r.keep[distname.Normalize(n)] = true
	}
	r.addInstalled(in.Installed)
	return r, r.addLines(in)
}

func (r *rules) setPython(in Input) error {
	r.python = in.Python
	if r.python.IsZero() {
		v, err := version.Parse(in.Environment.PythonFullVersion)
		if err != nil {
			return fmt.Errorf("the environment's python_full_version: %w", err)
		}
		r.python = v
	}
	if r.python.IsPrerelease() {
		r.python = r.python.Base() // as pip and uv do
	}
	return nil
}

func (r *rules) addInstalled(all []Installed) {
	for i := range all {
		name := distname.Normalize(all[i].Name)
		if r.installed[name] != nil { // the first is the one that Python finds
			continue
		}
		r.installed[name] = &all[i]
		r.base = append(r.base, &all[i])
	}
	slices.SortFunc(r.base, func(a, b *Installed) int { return compareNames(a.Name, b.Name) })
}

func (r *rules) addLines(in Input) error {
	overrides, err := r.holding(in.Overrides)
	if err != nil {
		return err
	}
	for _, o := range in.Overrides {
		r.overrides[o.Key()] = nil // an override whose marker is false drops the requirement
	}
	for _, o := range overrides {
		r.overrides[o.Key()] = append(r.overrides[o.Key()], o)
	}
	wanted, err := r.holding(in.Requirements)
	if err != nil {
		return err
	}
	for _, w := range wanted {
		r.wanted = append(r.wanted, r.overridden(w)...)
	}
	if r.constraints, err = r.holding(in.Constraints); err != nil {
		return err
	}
	for _, l := range slices.Concat(r.wanted, r.constraints, overrides) {
		if err := r.learn(l); err != nil {
			return err
		}
	}
	return nil
}

// holding returns the lines whose markers are true.
func (r *rules) holding(lines []Requirement) ([]Requirement, error) {
	var out []Requirement
	for _, l := range lines {
		ok, err := l.Marker.Evaluate(r.env)
		if err != nil {
			return nil, refusal.New(l.Origin, fmt.Sprintf("the marker of %q has no value: %v", l.Requirement, err), "correct the marker")
		}
		if ok {
			out = append(out, l)
		}
	}
	return out, nil
}

// learn notes what the user's line says of its name as a whole.
func (r *rules) learn(l Requirement) error {
	name := l.Key()
	if l.URL != "" {
		if other := r.urls[name]; other != "" && other != l.URL {
			return refusal.New(l.Origin, fmt.Sprintf("%s is asked for from two places, %s and %s", name, bare(other), bare(l.URL)), "keep one of them")
		}
		r.urls[name] = l.URL
	}
	if pin(l.Specifiers) {
		r.pins[name] = append(r.pins[name], l.Specifiers)
	}
	if l.Specifiers.AsksForPrereleases() {
		r.asks[name] = true
	}
	return nil
}

// bare is a URL without what could be a secret.
func bare(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that cannot be read"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// overridden returns what counts instead of a requirement: itself, or the overrides of its name, with its extras.
func (r *rules) overridden(q Requirement) []Requirement {
	all, ok := r.overrides[q.Key()]
	if !ok {
		return []Requirement{q}
	}
	var out []Requirement
	for _, o := range all {
		o.Extras = q.Extras
		out = append(out, o)
	}
	return out
}

func (r *rules) prereleases(name string) version.Prereleases {
	if p, ok := r.policyOf[name]; ok {
		return p
	}
	if r.policy == version.PrereleasesIfNeeded && r.asks[name] {
		return version.PrereleasesAllowed
	}
	return r.policy
}

// mayBeYanked reports whether the user names exactly this version (PEP 592, "Installers").
func (r *rules) mayBeYanked(name string, v version.Version) bool {
	if p, ok := r.preferences[name]; ok && p.Equal(v) {
		return true
	}
	return slices.ContainsFunc(r.pins[name], func(s version.Set) bool { return s.Match(v, true) })
}

// pin reports whether a set names one version.
func pin(s version.Set) bool {
	return slices.ContainsFunc(s.Specifiers(), func(sp version.Specifier) bool {
		return sp.Op == "===" || sp.Op == "==" && !sp.Prefix
	})
}
