// Package image measures how a base, wheels and a flow become a pushed image, by layerpack and by
// other builders, each as its users run it, against one registry on the loopback.
//
// The others get the wheels unpacked: none of them installs wheels, and who uses them has done it
// with pip before. layerpack gets the wheel files and unpacks and checks them while the time counts.
package image

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// Tool is a builder of images.
type Tool interface {
	// Name is what the tables call it.
	Name() string
	// Forget removes whatever it keeps of bases and earlier builds.
	Forget(ctx context.Context) error
	// LearnBase lets it learn of the base whatever it keeps of one.
	LearnBase(ctx context.Context) error
	// Build builds the image and pushes it as tag; it returns the CPU time taken in user mode.
	Build(ctx context.Context, tag string) (time.Duration, error)
	// Close ends what runs for it.
	Close() error
}

// Traits say which steps make sense for a tool.
type Traits struct {
	// Remembers: it keeps something between runs. Who does not is as fast with a known base
	// as with an unknown one.
	Remembers bool
	// AsksRegistry: with nothing kept it can still find out what the registry has of its own.
	AsksRegistry bool
}

// command runs what must succeed, in dir if that is not empty, and returns the user time it and its
// children took. env beats the process's own environment.
func command(ctx context.Context, dir string, env []string, name string, args ...string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return cmd.ProcessState.UserTime(), nil
}

// commands runs one after the other and adds up.
func commands(ctx context.Context, lines ...[]string) (sum time.Duration, err error) {
	for _, l := range lines {
		user, err := command(ctx, "", nil, l[0], l[1:]...)
		if err != nil {
			return sum, err
		}
		sum += user
	}
	return sum, nil
}
