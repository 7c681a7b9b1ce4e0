package requirement

import "cmp"

// Join returns the options of two texts that are given together, b after o: lists are joined, of two index URLs
// the later one counts.
func (o Options) Join(b Options) Options {
	both := func(x, y []string) []string { return append(append([]string(nil), x...), y...) }
	return Options{
		IndexURL:        cmp.Or(b.IndexURL, o.IndexURL),
		ExtraIndexURLs:  both(o.ExtraIndexURLs, b.ExtraIndexURLs),
		NoIndex:         o.NoIndex || b.NoIndex,
		FindLinks:       append(append([]FindLink(nil), o.FindLinks...), b.FindLinks...),
		TrustedHosts:    both(o.TrustedHosts, b.TrustedHosts),
		PreferBinary:    o.PreferBinary || b.PreferBinary,
		RequireHashes:   o.RequireHashes || b.RequireHashes,
		NoRequireHashes: o.NoRequireHashes || b.NoRequireHashes,
		NoBinary:        both(o.NoBinary, b.NoBinary),
		OnlyBinary:      both(o.OnlyBinary, b.OnlyBinary),
		AllReleases:     both(o.AllReleases, b.AllReleases),
		OnlyFinal:       both(o.OnlyFinal, b.OnlyFinal),
		Features:        both(o.Features, b.Features),
	}
}
