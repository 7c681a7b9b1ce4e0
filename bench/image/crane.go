package image

import (
	"context"
	"path/filepath"
	"time"
)

// Crane is GNU tar, then crane append and crane mutate.
type Crane struct {
	Binary, Go string // Go is the version that it was built with
	Job        *Job
}

// Name says with which Go it was built, which decides how fast it compresses.
func (c *Crane) Name() string { return "crane append + mutate, " + c.Go }

// Forget has nothing to do: crane keeps nothing.
func (c *Crane) Forget(context.Context) error { return nil }

// LearnBase has nothing to do either.
func (c *Crane) LearnBase(context.Context) error { return nil }

// Build makes a layer of the wheels and one of the flow.
func (c *Crane) Build(ctx context.Context, tag string) (time.Duration, error) {
	deps, flow := filepath.Join(c.Job.Dir, "deps.tar"), filepath.Join(c.Job.Dir, "flow.tar")
	tar := []string{"tar", "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"}
	return commands(ctx,
		append(tar[:len(tar):len(tar)], "-C", c.Job.Tree(), "-cf", deps, "."),
		append(tar[:len(tar):len(tar)], "-C", c.Job.Project(), "--transform", "s,^[.],"+Workdir[1:]+",", "-cf", flow, "."),
		[]string{c.Binary, "append", "--platform", "linux/amd64", "--base", c.Job.Base, "--new_layer", deps, "--new_layer", flow, "--new_tag", tag},
		[]string{c.Binary, "mutate", tag, "--workdir", Workdir, "--env", "PYTHONPATH=" + Workdir, "--tag", tag})
}

// Close has nothing to end.
func (c *Crane) Close() error { return nil }
