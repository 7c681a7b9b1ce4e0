package main

import (
	"runtime"
	"slices"

	"github.com/spf13/pflag"

	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/pkg/assemble"
)

// packageFlags are the words about packages of build, plan and lock.
type packageFlags struct {
	spec.Packages
	excludeNewer string
}

func (f *packageFlags) register(set *pflag.FlagSet) {
	list := func(p *[]string, name, short, usage string) { set.StringArrayVarP(p, name, short, nil, usage) }
	list(&f.Files, "requirement", "r", "`FILE` of what to install: requirements.txt, pylock.toml, uv.lock or pyproject.toml")
	list(&f.Words, "pip", "", "`REQ` to install, one or several, as in \"scikit-learn matplotlib\"")
	list(&f.Constraints, "constraint", "c", "`FILE` that limits versions and adds nothing")
	list(&f.Overrides, "override", "", "`FILE` of requirements that replace all others of the same names")
	list(&f.Groups, "group", "", "dependency group `NAME` of the lock or pyproject.toml")
	list(&f.Extras, "extra", "", "extra `NAME` of the lock or pyproject.toml")
	set.StringVarP(&f.IndexURL, "index-url", "i", "", "`URL` of the main index (default: what pip is configured for, else https://pypi.org/simple/)")
	list(&f.ExtraIndexURLs, "extra-index-url", "", "`URL` of an index that is asked before the main one, after those that pip is configured for")
	list(&f.FindLinks, "find-links", "f", "`PATH|URL` of a folder of wheels, or of a page of links to them")
	set.BoolVar(&f.NoIndex, "no-index", false, "ask no index: --find-links and --wheels alone")
	list(&f.TrustedHosts, "trusted-host", "", "`HOST[:PORT]` of an index that may be spoken to without TLS")
	set.StringVar(&f.excludeNewer, "exclude-newer", "", "leave out what was uploaded after `DATE`, as in 2026-01-31 (the whole day, in UTC) or 2026-01-31T12:00:00Z")
	set.BoolVar(&f.Offline, "offline", false, "ask no index: what is kept of earlier runs alone")
	set.BoolVar(&f.Refresh, "refresh", false, "ask indexes again for what is kept and still fresh")
	set.BoolVar(&f.Prereleases, "pre", false, "take pre-releases like any other version")
	set.BoolVar(&f.RequireHashes, "require-hashes", false, "refuse requirements without a hash")
	set.BoolVarP(&f.Upgrade, "upgrade", "U", false, "take the newest versions, whatever the base has")
}

// complete merges flags, environment and pip's configuration files into what the stages take.
//
// Flags go before PIP_* variables, these before pip's files; lists that are given here are added to
// those configured, as with pip. Where the words ask for no package at all nothing is read.
func (f *packageFlags) complete(c *command, set *pflag.FlagSet) (spec.Packages, assemble.PackageHost, error) {
	return f.merge(c, set, c.pipPaths(runtime.GOOS))
}

// merge is complete for the given configuration files of pip, those that win last.
func (f *packageFlags) merge(c *command, set *pflag.FlagSet, files []string) (spec.Packages, assemble.PackageHost, error) {
	p, err := f.given(c.home())
	if err != nil {
		return spec.Packages{}, assemble.PackageHost{}, err
	}
	host := assemble.PackageHost{Getenv: c.getenv, Variables: c.variable}
	if !f.wanted(set) {
		return p, host, nil
	}
	pip, err := c.pipConfig(files)
	if err != nil {
		return spec.Packages{}, assemble.PackageHost{}, err
	}
	if err := pip.underlie(&p, set); err != nil {
		return spec.Packages{}, assemble.PackageHost{}, err
	}
	if err := c.trust(&host, pip); err != nil {
		return spec.Packages{}, assemble.PackageHost{}, err
	}
	host.Netrc = c.netrc()
	return p, host, nil
}

// variable looks up what a requirement file may name as ${NAME}; which it may not is decided where it is read.
func (c *command) variable(name string) (string, bool) {
	value, ok := c.env[name]
	return value, ok
}

// wanted reports whether packages may have to be found: without a word about them, the project's
// own requirements.txt is read but where wheels or no source are given.
func (f *packageFlags) wanted(set *pflag.FlagSet) bool {
	return f.Asked() || !set.Changed("wheels") && !set.Changed("no-source")
}

// given is what the flags alone say, checked. A ~ that the shell left, as in --find-links=~/wheels, is the home.
func (f *packageFlags) given(home string) (spec.Packages, error) {
	p := f.Packages
	if f.Offline && f.Refresh {
		return p, usagef("--offline and --refresh cannot be given together: one asks no index, the other asks again")
	}
	if f.IndexURL != "" {
		if err := checkIndex(f.IndexURL); err != nil {
			return p, usagef("--index-url %w", err)
		}
	}
	for _, text := range f.ExtraIndexURLs {
		if err := checkIndex(text); err != nil {
			return p, usagef("--extra-index-url %w", err)
		}
	}
	p.FindLinks = slices.Clone(f.FindLinks)
	for i, text := range p.FindLinks {
		place, err := linksPlace(expandHome(text, home))
		if err != nil {
			return p, usagef("--find-links %w", err)
		}
		p.FindLinks[i] = place.text
	}
	for _, text := range f.TrustedHosts {
		if err := checkHost(text); err != nil {
			return p, usagef("--trusted-host %w", err)
		}
	}
	if f.excludeNewer != "" {
		var err error
		if p.ExcludeNewer, err = lastDay(f.excludeNewer); err != nil {
			return p, usagef("--exclude-newer %w", err)
		}
	}
	return p, nil
}
