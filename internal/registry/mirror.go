package registry

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/layerpack/layerpack/internal/transport"
)

// places are where a repository's content may be read, mirrors first. There is at least one.
type places []name.Repository

// origin is the repository itself, the last of them.
func (p places) origin() name.Repository { return p[len(p)-1] }

// places are the mirrors of a repository and itself. Mirrors that have failed are left out.
func (c *Client) places(repo name.Repository) (places, error) {
	var out places
	if c.mirrors != nil {
		for _, mirror := range c.mirrors(repo.RegistryStr()) {
			host, path, _ := strings.Cut(strings.Trim(mirror, "/"), "/")
			reg, err := name.NewRegistry(host)
			if err != nil || strings.Contains(mirror, "://") {
				return nil, fmt.Errorf("mirror %q of %s: write HOST[:PORT][/PATH]", mirror, repo.RegistryStr())
			}
			under := repo.RepositoryStr()
			if path != "" {
				under = path + "/" + under
			}
			if !c.isDead(reg) {
				out = append(out, reg.Repo(under))
			}
		}
	}
	return append(out, repo), nil
}

// try asks one place after the other, each mirror once. It returns those that are left, beginning with
// the one that answered. Only the origin's error counts; what mirrors said is added to it.
func (c *Client) try(ctx context.Context, from places, ask func(context.Context, name.Repository) error) (places, error) {
	var failed []string
	for len(from) > 1 {
		mirror := from[0]
		err := ask(transport.Once(ctx), mirror)
		if err == nil {
			return from, nil
		}
		if ctx.Err() != nil {
			return from, err
		}
		if !errors.Is(err, ErrNotFound) {
			c.bury(mirror.Registry)
		}
		failed = append(failed, mirror.RegistryStr())
		from = from[1:]
	}
	err := ask(ctx, from[0])
	if err != nil && len(failed) > 0 {
		err = fmt.Errorf("%w (nor from the mirrors %s)", err, strings.Join(failed, ", "))
	}
	return from, err
}

// bury makes a mirror not be asked again in this run: each of a base's blobs would wait for it.
func (c *Client) bury(mirror name.Registry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead[mirror.RegistryStr()] = true
}

func (c *Client) isDead(mirror name.Registry) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dead[mirror.RegistryStr()]
}
