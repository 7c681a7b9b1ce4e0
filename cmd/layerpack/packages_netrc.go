package main

import (
	"path/filepath"

	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/pkg/pipwheel/index"
)

const maxNetrc = 1 << 20 // bytes

// netrc reads the user's netrc as Python's requests does, which pip asks: the file that NETRC names
// and no other, else ~/.netrc, else ~/_netrc. The first that is there counts; one that cannot be
// read or understood is none.
func (c *command) netrc() *index.Netrc {
	var paths []string
	if named, ok := c.env["NETRC"]; ok {
		paths = []string{expandHome(named, c.home())}
	} else if home := c.home(); home != "" {
		paths = []string{filepath.Join(home, ".netrc"), filepath.Join(home, "_netrc")}
	}
	for _, path := range paths {
		if !isThere(path) {
			continue
		}
		text, err := source.ReadFile(path, maxNetrc)
		if err != nil {
			return nil
		}
		netrc, err := index.ParseNetrc(string(text))
		if err != nil {
			return nil
		}
		return netrc
	}
	return nil
}
