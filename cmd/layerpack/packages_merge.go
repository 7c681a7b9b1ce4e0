package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/layerpack/layerpack/internal/spec"
)

// underlie puts what pip is configured for under what the flags say.
func (p *pipConfig) underlie(to *spec.Packages, set *pflag.FlagSet) error {
	if !set.Changed("index-url") && p.IndexURL != "" {
		if err := checkIndex(p.IndexURL); err != nil {
			return fmt.Errorf("%s: index-url %w", p.Origins["index-url"], err)
		}
		to.IndexURL = p.IndexURL
	}
	for _, text := range p.ExtraIndexURLs {
		if err := checkIndex(text); err != nil {
			return fmt.Errorf("%s: extra-index-url %w", p.Origins["extra-index-url"], err)
		}
	}
	links, err := p.links()
	if err != nil {
		return fmt.Errorf("%s: find-links %w", p.Origins["find-links"], err)
	}
	// pip's parser appends what is given to what is configured.
	to.ExtraIndexURLs = slices.Concat(p.ExtraIndexURLs, to.ExtraIndexURLs)
	to.FindLinks = slices.Concat(links, to.FindLinks)
	to.TrustedHosts = slices.Concat(p.TrustedHosts, to.TrustedHosts)
	to.Constraints = slices.Concat(p.constraints, to.Constraints)
	for _, b := range []struct {
		flag       string
		to         *bool
		configured bool
	}{{"no-index", &to.NoIndex, p.NoIndex}, {"pre", &to.Prereleases, p.pre}, {"require-hashes", &to.RequireHashes, p.requireHashes}} {
		if !set.Changed(b.flag) {
			*b.to = b.configured
		}
	}
	if !set.Changed("exclude-newer") {
		to.ExcludeNewer = p.priorTo
	}
	return nil
}

// links are the configured values of --find-links. Folders that are not there do not count, as for pip.
func (p *pipConfig) links() ([]string, error) {
	var out []string
	for _, text := range p.FindLinks {
		place, err := linksPlace(p.expand(text))
		if err != nil {
			return nil, err
		}
		if !place.local || isThere(place.text) {
			out = append(out, place.text)
		}
	}
	return out, nil
}

// expand replaces a leading ~ by the user's folder: no shell has read what is configured.
func (p *pipConfig) expand(path string) string { return expandHome(path, p.home) }

// home is the user's folder, empty without one.
func (c *command) home() string {
	if home := c.env["HOME"]; filepath.IsAbs(home) {
		return home
	}
	return ""
}

func expandHome(path, home string) string {
	if home != "" && (path == "~" || strings.HasPrefix(path, "~/")) {
		return filepath.Join(home, path[1:])
	}
	return path
}
