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

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/layerpack/layerpack/internal/hostconfig"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/registry/ambient"
	"github.com/layerpack/layerpack/internal/registry/credentials"
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

// host collects what a run may use of this machine; tags are its destinations as they were given. done
// ends the progress display and may be called more than once.
func (c *command) host(f *commonFlags, tags ...string) (h assemble.Host, done func(), err error) {
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
	config, err := c.hostConfig()
	if err != nil {
		return h, nil, err
	}
	keys, err := c.keychain(tags)
	if err != nil {
		return h, nil, err
	}
	renderer := progress.New(options)
	h = assemble.Host{
		TempDir: c.tempDir(), Keychain: keys, Getenv: c.getenv,
		PlainHTTP: slices.Concat(f.plainHTTP, config.PlainHTTP()), Version: versionText(), Progress: renderer, Now: time.Now,
		Hosts: config, Loosen: c.loosen, Texts: &assemble.Texts{},
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

// choosing is what the garbage collector tries to stay within while versions are chosen, in bytes.
const choosing = 400 << 20

// loosen lets the heap grow for a while, unless the user has set its limit.
func (c *command) loosen() (tighten func()) {
	if c.env["GOMEMLIMIT"] != "" {
		return func() {}
	}
	before := debug.SetMemoryLimit(choosing)
	return func() { debug.SetMemoryLimit(before) }
}

func (c *command) getenv(key string) string { return c.env[key] }

// hostConfig is what the user has set for registries, never what a project has.
func (c *command) hostConfig() (*hostconfig.Config, error) {
	config, err := hostconfig.Read(hostconfig.Path(c.getenv))
	if err != nil {
		return nil, err
	}
	config.CertDirs = hostconfig.CertDirs(c.getenv)
	return config, nil
}

// keychain finds credentials: those of the environment for the first destination's registry and no other, those that
// docker and podman keep, those that a machine has of its cloud.
func (c *command) keychain(tags []string) (authn.Keychain, error) {
	given, err := c.givenCredentials(tags)
	if err != nil {
		return nil, err
	}
	return credentials.New(credentials.Options{Getenv: c.getenv, Given: given, Ambient: ambient.Keychains()}), nil
}

func (c *command) givenCredentials(tags []string) (*credentials.Given, error) {
	user, password := c.env["LAYERPACK_USERNAME"], c.env["LAYERPACK_PASSWORD"]
	if (user == "") != (password == "") {
		return nil, usagef("LAYERPACK_USERNAME and LAYERPACK_PASSWORD are set together or not at all; one of them is empty")
	}
	if user == "" || len(tags) == 0 {
		return nil, nil
	}
	ref, err := name.ParseReference(tags[0])
	if err != nil {
		return nil, usagef("--tag %s: %w", tags[0], err)
	}
	return &credentials.Given{Registry: ref.Context().Registry, Username: user, Password: password}, nil
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
