package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/layerpack/layerpack/internal/push"
	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/pkg/assemble"
)

// lockFlags are the words of lock.
type lockFlags struct {
	assemble.Flags
	platforms []string
	packages  packageFlags
	common    commonFlags
	output    string
	python    string
}

// maxLock bounds an earlier lock, in bytes.
const maxLock = 64 << 20

// lock writes a pylock.toml of what is asked for.
func (c *command) lock(ctx context.Context, args []string) error {
	var f lockFlags
	set := pflag.NewFlagSet("lock", pflag.ContinueOnError)
	set.StringVar(&f.Base, "base", "", "image to lock for: `REF` of a registry, or oci:DIR[:TAG], or prefect for its own (default: what the project tells)")
	registerPython(set, &f.python)
	set.StringSliceVar(&f.platforms, "platform", nil, "`OS/ARCH[/VARIANT]` to lock for, one or several (default linux/amd64)")
	set.StringVarP(&f.output, "output", "o", "", "`FILE` to write, named pylock.toml or pylock.NAME.toml; versions that it has are kept where they will do (default: stdout)")
	set.BoolVar(&f.Install.NoDeps, "no-deps", false, "lock what is named and not what that needs")
	f.packages.register(set)
	f.common.register(set)
	if err := c.parse(set, args); err != nil {
		return err
	}
	if f.output == "-" {
		f.output = ""
	}
	if base := filepath.Base(f.output); f.output != "" && !lockName(base) {
		return usagef("--output %s: installers take a lock only by its name; call it pylock.toml or pylock.NAME.toml", f.output)
	}
	builds, host, done, err := f.prepare(ctx, c, set)
	if err != nil {
		return err
	}
	defer done()
	before, err := f.before()
	if err != nil {
		return err
	}
	text, err := assemble.Lock(ctx, builds, host, f.output, before)
	if err != nil {
		return err
	}
	done()
	if f.output != "" {
		return push.File(f.output, text)
	}
	if _, err := c.stdout.Write(text); err != nil {
		return fmt.Errorf("writing the lock to stdout: %w", err)
	}
	return nil
}

// lockName reports whether a file's name is one of a pylock.toml (PEP 751).
func lockName(base string) bool {
	name, ok := strings.CutPrefix(base, "pylock.")
	name, ends := strings.CutSuffix(name, "toml")
	return ok && ends && (name == "" || strings.HasSuffix(name, ".") && strings.Count(name, ".") == 1 && len(name) > 1)
}

// prepare makes one build for each platform.
func (f *lockFlags) prepare(ctx context.Context, c *command, set *pflag.FlagSet) (builds []*assemble.Build, h assemble.Host, done func(), err error) {
	if f.Dir, err = projectDir(); err != nil {
		return nil, h, nil, err
	}
	packages, packageHost, err := f.packages.complete(c, set)
	if err != nil {
		return nil, h, nil, err
	}
	f.Flags.Packages = packages
	h, end, err := c.host(&f.common)
	if err != nil {
		return nil, h, nil, err
	}
	defer func() {
		if err != nil {
			end()
		}
	}()
	h.Stdin, h.Packages = c.stdin, packageHost
	if f.Base, err = inferBase(ctx, f.Flags, f.python, h); err != nil {
		return nil, h, nil, err
	}
	var platforms []string
	for _, p := range f.platforms {
		platforms = append(platforms, strings.Split(p, ",")...)
	}
	if len(platforms) == 0 {
		platforms = []string{""}
	}
	for _, p := range platforms {
		one := f.Flags
		if p != "" {
			one.Platforms = []string{p}
		}
		b, err := assemble.NewBuild(one)
		if err != nil {
			return nil, h, nil, err
		}
		builds = append(builds, b)
	}
	return builds, h, end, nil
}

// before is the lock that is to be replaced, if there is one and its versions are to be kept.
func (f *lockFlags) before() ([]byte, error) {
	if f.output == "" || f.packages.Upgrade {
		return nil, nil
	}
	if err := push.CheckFile(f.output); err != nil {
		return nil, err
	}
	text, err := source.ReadFile(f.output, maxLock)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}
