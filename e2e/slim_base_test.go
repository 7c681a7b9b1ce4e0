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

// slimBase pushes a base like python:3.11-slim and answers its reference.
func (r *rig) slimBase(t *testing.T) string {
	t.Helper()
	tag := r.host + "/library/python:3.11-slim"
	if err := rewrite(r.base, tag, "amd64", slim311); err != nil {
		t.Fatalf("%s: %v", tag, err)
	}
	return tag
}

// slim311 is the Debian and the CPython of the rig's base without what Prefect's image has on top of them. The
// configuration is of the official image's kind: a command, no entrypoint, no working directory.
func slim311(base v1.Image) (v1.Image, error) {
	layers, err := base.Layers()
	if err != nil {
		return nil, err
	}
	slim, err := mutate.ConfigFile(blank.Image, &v1.ConfigFile{OS: "linux", Architecture: "amd64", Config: v1.Config{
		Cmd: []string{"python3"},
		Env: []string{
			"PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
			"GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D", "PYTHON_VERSION=3.11.2",
		},
	}})
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

// rewrite pushes what change makes of an image.
func rewrite(from, to, arch string, change func(v1.Image) (v1.Image, error)) error {
	source, err := name.ParseReference(from)
	if err != nil {
		return err
	}
	target, err := name.ParseReference(to)
	if err != nil {
		return err
	}
	i, err := remote.Image(source, remote.WithPlatform(v1.Platform{OS: "linux", Architecture: arch}))
	if err != nil {
		return err
	}
	if i, err = change(i); err != nil {
		return err
	}
	return remote.Write(target, i)
}
