package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/pkg/assemble"
)

// commonFlags are the words of every verb that reads images.
type commonFlags struct {
	cacheDir  string
	noCache   bool
	plainHTTP []string
	caFile    string
	progress  string
	quiet     bool
	verbose   bool
}

func (f *commonFlags) register(set *pflag.FlagSet) {
	set.StringVar(&f.cacheDir, "cache-dir", "", "`DIR` that keeps what was learnt of bases and layers (default $XDG_CACHE_HOME/layerpack)")
	set.BoolVar(&f.noCache, "no-cache", false, "keep nothing and use nothing kept")
	set.StringArrayVar(&f.plainHTTP, "plain-http", nil, "registry `HOST` to speak to without TLS; those on loopback need no word")
	set.StringVar(&f.caFile, "ca-file", "", "`FILE` of PEM certificates to trust besides the system's")
	set.StringVar(&f.progress, "progress", "auto", "how to show progress on stderr: `auto|plain|json|none`")
	set.BoolVarP(&f.quiet, "quiet", "q", false, "nothing on stderr but errors")
	set.BoolVarP(&f.verbose, "verbose", "v", false, "more on stderr: every path that was left out")
}

const maxCA = 16 << 20 // bytes of a file of certificates

// host collects what a run may use of this machine. done ends the progress display and may be
// called more than once.
func (c *command) host(f *commonFlags) (h assemble.Host, done func(), err error) {
	mode := progress.Mode(f.progress)
	if !slices.Contains([]progress.Mode{progress.Auto, progress.Plain, progress.JSON, progress.None}, mode) {
		return h, nil, usagef("--progress %s: write auto, plain, json or none", f.progress)
	}
	if f.noCache && f.cacheDir != "" {
		return h, nil, usagef("--cache-dir and --no-cache cannot be given together")
	}
	options := progress.Options{Mode: mode, Verbose: f.verbose, Quiet: f.quiet, Out: c.stderr, Now: time.Now}
	if file, ok := c.stderr.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		options.Terminal = true
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			options.Width = width
		}
	}
	renderer := progress.New(options)
	h = assemble.Host{
		TempDir: c.tempDir(), Keychain: keychain(), Getenv: func(k string) string { return c.env[k] },
		PlainHTTP: f.plainHTTP, Version: versionText(), Progress: renderer, Now: time.Now,
	}
	if !f.noCache {
		h.CacheDir = c.cacheDir(f.cacheDir)
	}
	if f.caFile != "" {
		if h.CA, err = source.ReadFile(f.caFile, maxCA); err != nil {
			return h, nil, err
		}
	}
	return h, sync.OnceFunc(renderer.Close), nil
}

func (c *command) tempDir() string {
	if d := c.env["TMPDIR"]; d != "" {
		return d
	}
	return "/tmp"
}

// cacheDir follows the XDG base directory specification. Without a home nothing is kept.
func (c *command) cacheDir(given string) string {
	if given != "" {
		if abs, err := filepath.Abs(given); err == nil {
			return abs
		}
		return given
	}
	if d := c.env["XDG_CACHE_HOME"]; filepath.IsAbs(d) {
		return filepath.Join(d, "layerpack")
	}
	if home := c.env["HOME"]; filepath.IsAbs(home) {
		return filepath.Join(home, ".cache", "layerpack")
	}
	return ""
}

// versionText is the module's version, or the revision it was built from.
func versionText() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}

// outputFiles are the files that stdout and stderr are written to: no part of any source. Where
// the system does not tell, there are none.
func outputFiles(streams ...io.Writer) []string {
	var out []string
	for _, w := range streams {
		f, ok := w.(*os.File)
		if !ok {
			continue
		}
		if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if path, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", f.Fd())); err == nil {
			out = append(out, path)
		}
	}
	return out
}
