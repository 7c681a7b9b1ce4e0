package image

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Buildah is buildah build from a Dockerfile, with its layer cache and chroot isolation, then push.
type Buildah struct {
	Binary string
	Job    *Job
}

// Name is the program's.
func (b *Buildah) Name() string { return "buildah" }

func (b *Buildah) dir() string { return filepath.Join(b.Job.Dir, "buildah") }

// line is a command in a mount namespace of its own: where buildah remembers which registry has which
// blob cannot be set, and what it knew before would spare it work in a build that is called cold.
func (b *Buildah) line(args ...string) []string {
	const script = `mkdir -p "$0" /var/lib/containers/cache && mount --bind "$0" /var/lib/containers/cache && exec "$@"`
	return slices.Concat([]string{
		"unshare", "--mount", "sh", "-c", script, b.blobs(),
		b.Binary, "--root", filepath.Join(b.dir(), "root"), "--runroot", filepath.Join(b.dir(), "run"), "--storage-driver", "overlay",
	}, args)
}

func (b *Buildah) blobs() string { return filepath.Join(b.dir(), "blobs") }

// Forget removes all containers and images, and what is known of registries.
func (b *Buildah) Forget(ctx context.Context) error {
	if _, err := commands(ctx, b.line("rm", "--all"), b.line("rmi", "--all", "--force")); err != nil {
		return err
	}
	return os.RemoveAll(b.blobs())
}

// LearnBase pulls the base.
func (b *Buildah) LearnBase(ctx context.Context) error {
	_, err := commands(ctx, b.line("pull", "--quiet", "--tls-verify=false", b.Job.Base))
	return err
}

// Build builds and pushes.
func (b *Buildah) Build(ctx context.Context, tag string) (time.Duration, error) {
	file, err := b.Job.dockerfile("Dockerfile.buildah", "")
	if err != nil {
		return 0, err
	}
	return commands(ctx,
		b.line("build", "--isolation", "chroot", "--layers", "--tls-verify=false", "--quiet", "--file", file, "--tag", "demo", b.Job.Context()),
		b.line("push", "--quiet", "--tls-verify=false", "demo", "docker://"+tag))
}

// Close has nothing to end.
func (b *Buildah) Close() error { return nil }
