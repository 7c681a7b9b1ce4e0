package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/pkg/pipwheel/index"
)

// pipPaths lists the configuration files that pip would read on a system ("linux"), those that win last.
func (c *command) pipPaths(goos string) []string {
	files := index.PipFiles(goos, c.env["HOME"], c.getenv, isThere)
	if files == nil {
		return nil // the null device: no file at all
	}
	// Without a home, and with XDG folders that are no absolute paths (which their specification
	// forbids), a project's own folder would be looked into.
	named := c.env["PIP_CONFIG_FILE"]
	files = slices.DeleteFunc(files, func(path string) bool { return path != named && !filepath.IsAbs(path) })
	site := c.pipSite(goos)
	if site == "" {
		return files
	}
	at := len(files)
	if named != "" && at > 0 && files[at-1] == named {
		at--
	}
	return slices.Insert(files, at, site)
}

// pipSite is the file of the environment that pip would run in (sys.prefix), empty without one.
func (c *command) pipSite(goos string) string {
	prefix := c.env["VIRTUAL_ENV"]
	if prefix == "" {
		prefix = c.env["CONDA_PREFIX"]
	}
	if !filepath.IsAbs(prefix) {
		return ""
	}
	if goos == "windows" {
		return filepath.Join(prefix, "pip.ini")
	}
	return filepath.Join(prefix, "pip.conf")
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

const maxPipConf = 1 << 20 // bytes of a configuration file of pip

// readPipConf reads a configuration file. One that is not there, or that this user may not read,
// is none, as for pip; one that cannot be understood stops everything, as it does pip.
func readPipConf(path string) (conf index.PipConf, found bool, err error) {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return nil, false, nil
	}
	text, err := source.ReadFile(path, maxPipConf)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("pip's configuration: %w", err)
	case !utf8.Valid(text):
		err = fmt.Errorf("pip's configuration, line %d: bytes that are not UTF-8", invalidLine(text))
	default:
		conf, err = index.ParsePipConf(string(text))
	}
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w; mend it, or set PIP_CONFIG_FILE=%s to go without pip's configuration files", path, err, os.DevNull)
	}
	return conf, true, nil
}

// invalidLine is the number of the first line that is not UTF-8.
func invalidLine(text []byte) int {
	n := 0
	for line := range strings.Lines(string(text)) {
		if n++; !utf8.ValidString(line) {
			break
		}
	}
	return n
}
