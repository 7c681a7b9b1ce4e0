//go:build e2e

package e2e

import (
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	blank "github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// slimBase pushes a base like python:3.11-slim, which is the Debian and the CPython of the rig's base without what
// Prefect's image has on top of them, and answers its reference. The configuration is of the official image's kind: a
// command, no entrypoint, no working directory.
func (r *rig) slimBase(t *testing.T) string {
	t.Helper()
	tag := r.host + "/library/python:3.11-slim"
	image, err := r.slimImage()
	if err != nil {
		t.Fatalf("%s: %v", tag, err)
	}
	to, err := name.ParseReference(tag, name.Insecure)
	if err == nil {
		err = remote.Write(to, image)
	}
	if err != nil {
		t.Fatalf("%s: %v", tag, err)
	}
	return tag
}

func (r *rig) slimImage() (v1.Image, error) {
	from, err := name.ParseReference(r.base, name.Insecure)
	if err != nil {
		return nil, err
	}
	platform := v1.Platform{OS: "linux", Architecture: "amd64"}
	base, err := remote.Image(from, remote.WithPlatform(platform))
	if err != nil {
		return nil, err
	}
	layers, err := base.Layers()
	if err != nil {
		return nil, err
	}
	config, err := blank.Image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = platform.OS, platform.Architecture
	config.Config = v1.Config{Cmd: []string{"python3"}, Env: []string{
		"PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D", "PYTHON_VERSION=3.11.2",
	}}
	slim, err := mutate.ConfigFile(blank.Image, config)
	if err != nil {
		return nil, err
	}
	for i, by := range []string{"# debian.sh --arch 'amd64' out/ 'bookworm'", "RUN /bin/sh -c ./configure --enable-shared && make && make install # buildkit"} {
		slim, err = mutate.Append(slim, mutate.Addendum{Layer: layers[i], History: v1.History{CreatedBy: by}})
		if err != nil {
			return nil, err
		}
	}
	return slim, nil
}
