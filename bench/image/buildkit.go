package image

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// BuildKit is buildctl with a buildkitd that keeps running, as on a developer's machine.
type BuildKit struct {
	job     *Job
	ctl     string
	version string
	addr    string
	daemon  *server
}

// StartBuildKit starts the daemon, with the snapshotter that is fastest. bin holds buildkitd and buildctl.
func StartBuildKit(ctx context.Context, bin, version string, job *Job) (*BuildKit, error) {
	dir := filepath.Join(job.Dir, "buildkit")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	runc, err := exec.LookPath("runc")
	if err != nil {
		return nil, err
	}
	b := &BuildKit{job: job, ctl: filepath.Join(bin, "buildctl"), version: version, addr: "unix://" + filepath.Join(dir, "sock")}
	host, _, _ := strings.Cut(job.Base, "/")
	config := filepath.Join(dir, "buildkitd.toml")
	if err := os.WriteFile(config, fmt.Appendf(nil, "[registry.%q]\n  http = true\n", host), 0o600); err != nil {
		return nil, err
	}
	b.daemon, err = serve(ctx, filepath.Join(dir, "log"), func() bool {
		return exec.CommandContext(ctx, b.ctl, "--addr", b.addr, "debug", "workers").Run() == nil
	}, filepath.Join(bin, "buildkitd"), "--config", config, "--root", filepath.Join(dir, "root"), "--addr", b.addr,
		"--oci-worker-snapshotter", "overlayfs", "--oci-worker-binary", runc)
	return b, err
}

// Name has the version.
func (b *BuildKit) Name() string { return "BuildKit " + b.version }

// Forget removes its cache, pulled bases included.
func (b *BuildKit) Forget(ctx context.Context) error {
	_, err := command(ctx, "", nil, b.ctl, "--addr", b.addr, "prune", "--all")
	return err
}

// LearnBase builds something on the base that needs its files, and pushes nothing.
func (b *BuildKit) LearnBase(ctx context.Context) error {
	path := filepath.Join(b.job.Context(), "Dockerfile.learn")
	if err := os.WriteFile(path, []byte("FROM "+b.job.Base+"\nCOPY Dockerfile.learn /learn\n"), 0o644); err != nil {
		return err
	}
	_, err := b.solve(ctx, path)
	return err
}

// Build builds and pushes in one; the daemon's time counts.
func (b *BuildKit) Build(ctx context.Context, tag string) (time.Duration, error) {
	file, err := b.job.dockerfile("Dockerfile.buildkit", "--link ")
	if err != nil {
		return 0, err
	}
	return b.solve(ctx, file, "--output", "type=image,name="+tag+",push=true")
}

func (b *BuildKit) solve(ctx context.Context, file string, more ...string) (time.Duration, error) {
	before, err := b.daemon.user()
	if err != nil {
		return 0, err
	}
	args := append([]string{
		"--addr", b.addr, "build", "--progress", "plain", "--frontend", "dockerfile.v0",
		"--local", "context=" + b.job.Context(), "--local", "dockerfile=" + filepath.Dir(file), "--opt", "filename=" + filepath.Base(file),
	}, more...)
	client, err := command(ctx, "", nil, b.ctl, args...)
	if err != nil {
		return 0, err
	}
	after, err := b.daemon.user()
	return client + after - before, err
}

// Close ends the daemon.
func (b *BuildKit) Close() error { return b.daemon.stop() }
