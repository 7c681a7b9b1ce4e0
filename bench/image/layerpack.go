package image

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// Layerpack is the program itself.
type Layerpack struct {
	Binary string
	Job    *Job
}

// Name is the reference of all ratios.
func (l *Layerpack) Name() string { return "layerpack" }

func (l *Layerpack) cache() string { return filepath.Join(l.Job.Dir, "layerpack-cache") }

func (l *Layerpack) env() []string { return []string{"XDG_CACHE_HOME=" + l.cache()} }

// Forget removes the cache folder.
func (l *Layerpack) Forget(context.Context) error { return os.RemoveAll(l.cache()) }

// LearnBase leaves the base's profile in the cache.
func (l *Layerpack) LearnBase(ctx context.Context) error {
	_, err := command(ctx, "", l.env(), l.Binary, "inspect", "--base", l.Job.Base)
	return err
}

// Build is one command in the project's folder.
func (l *Layerpack) Build(ctx context.Context, tag string) (time.Duration, error) {
	return command(ctx, l.Job.Project(), l.env(), l.Binary,
		"--base", l.Job.Base, "--wheels", l.Job.Wheels(), "--source", ".:"+Workdir, "--tag", tag)
}

// Close has nothing to end.
func (l *Layerpack) Close() error { return nil }
