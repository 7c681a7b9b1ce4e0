package assemble

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/packages"
	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/internal/transport"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/index"
)

// PackageHost is what the machine and the user have set for package indexes.
type PackageHost struct {
	Netrc *index.Netrc
	// Getenv looks up the credentials of indexes, see [index.EnvName].
	Getenv func(string) string
	// Variables looks up what a requirement file may name as ${NAME}; nil has none.
	Variables func(string) (string, bool)
	// CA holds PEM certificates that are trusted besides the system's, and besides those of Host.
	CA []byte
	// Certificates are offered to indexes that ask for one, and to nobody else.
	Certificates []tls.Certificate
	// Proxy is for all indexes; empty is what the environment says.
	Proxy string
}

// inFlight is how many requests an index is sent at a time: indexes are made for many small ones.
const inFlight = 32

// finder prepares for finding the wheels of an image; hand are the wheels that the user named, like is the finder of another
// image of the build, if there was one.
func (r *run) finder(hand []packages.AtHand, like *packages.Finder) *packages.Finder {
	h := &r.host.Packages
	return packages.New(packages.Options{
		Build: r.build, Store: r.store, HTTP: r.indexTransport, Variables: h.Variables, Getenv: h.Getenv, Netrc: h.Netrc,
		Now: r.host.Now, AtHand: hand, Like: like, Preferences: r.preferences, Texts: r.texts, ForLock: r.forLock,
		Note:   func(format string, args ...any) { r.note(fmt.Sprintf(format, args...)) },
		Detail: func(format string, args ...any) { r.say(progress.Detail, format, args...) },
		Progress: func(file string, done, size int64) {
			r.host.Progress.Send(progress.Event{Kind: progress.Bytes, Item: file, Done: done, Total: size})
		},
	})
}

// indexTransport makes what sends requests to indexes. Credentials and certificates of registries are not among
// what it has.
func (r *run) indexTransport(trusted []string) (index.Doer, error) {
	h := &r.host.Packages
	o := transport.Options{
		Version: r.host.Version, Getenv: r.host.Getenv, CA: slices.Concat(r.host.CA, []byte("\n"), h.CA),
		InFlight:  func(string) int { return inFlight },
		PlainHTTP: func(host string) bool { return index.TrustedHost(trusted, host) },
	}
	if len(r.host.CA)+len(h.CA) == 0 {
		o.CA = nil
	}
	if h.Proxy != "" {
		o.Getenv = func(name string) string {
			if n := strings.ToLower(name); n == "http_proxy" || n == "https_proxy" {
				return h.Proxy
			}
			return ""
		}
	}
	own := r.indexHosts()
	o.HostTLS = func(host string) (transport.HostTLS, error) {
		t := transport.HostTLS{Unverified: index.TrustedHost(trusted, host)}
		if slices.Contains(own, host) {
			t.Certificates = h.Certificates
		}
		return t, nil
	}
	return transport.New(o)
}

// indexHosts are the hosts that the user named as indexes.
func (r *run) indexHosts() []string {
	p := &r.build.Packages
	var out []string
	for _, text := range append(append([]string{p.IndexURL}, p.ExtraIndexURLs...), p.FindLinks...) {
		if u, err := url.Parse(text); err == nil && u.Host != "" {
			out = append(out, strings.ToLower(u.Host))
		}
	}
	return out
}

// hand are the wheels that --wheels led to, each read once however many images get it.
type hand struct {
	files []source.WheelFile
	read  []func(context.Context, reader) (plan.Wheel, error)
}

// reader is the image that a wheel is read for first.
type reader struct {
	run  *run
	base *base
}

// atHand finds the wheels that --wheels leads to.
func (r *run) atHand(in *inputs) error {
	in.hand = &hand{}
	if len(r.build.Wheels) == 0 {
		return nil
	}
	var err error
	if in.hand.files, err = source.Wheels(r.build.Wheels); err != nil {
		return fmt.Errorf("--wheels: %w", err)
	}
	for _, file := range in.hand.files {
		in.hand.read = append(in.hand.read, once(func(ctx context.Context, by reader) (plan.Wheel, error) {
			return by.run.readWheel(ctx, by.base, in, file)
		}))
	}
	return nil
}

// wheels finds the wheels that an image gets: those that the user asked for by name, version or lock, else all that
// --wheels led to.
func (r *run) wheels(ctx context.Context, b *base, in *inputs) ([]plan.Wheel, error) {
	all := make([]packages.AtHand, len(in.hand.files))
	for i, file := range in.hand.files {
		all[i] = packages.AtHand{File: file.Name, Open: func(ctx context.Context) (*pipwheel.Wheel, [sha256.Size]byte, error) {
			w, err := in.hand.read[i](ctx, reader{r, b})
			return w.Wheel, w.SHA256, err
		}}
	}
	f := r.finder(all, in.finder)
	if in.finder == nil {
		in.finder = f
	}
	found, err := r.choose(ctx, f, b)
	if err != nil {
		return nil, err
	}
	in.links = append(in.links, found.Links...)
	if !found.Asked {
		return r.readWheels(ctx, b, in)
	}
	r.sayFound(found)
	wheels, err := r.fetchAll(ctx, b, in, f, found)
	return wheels, room(err, moreRoom)
}

// choose finds the wheels with memory to do it in.
func (r *run) choose(ctx context.Context, f *packages.Finder, b *base) (*packages.Found, error) {
	if r.host.Loosen != nil {
		defer r.host.Loosen()()
	}
	return f.Find(ctx, b.profile)
}

// sayFound tells how much of what was asked for the base has.
func (r *run) sayFound(found *packages.Found) {
	from := strings.Join(found.Files, ", ")
	switch {
	case len(found.Wheels)+len(found.Base) == 0:
	case len(found.Wheels) == 0 && from != "":
		r.note(from + ": the base has all of it")
	case len(found.Wheels) == 0:
		r.note("the base has all that is asked for")
	default:
		r.say(progress.Step, "to install: %d; the base has %d of what is needed", len(found.Wheels), len(found.Base))
	}
	if len(found.Base) > 0 {
		r.say(progress.Detail, "the base has %s", strings.Join(found.Base, ", "))
	}
}

// once makes a function that is run by the first caller alone. One that failed because its caller gave up is run again.
func once[A, T any](f func(context.Context, A) (T, error)) func(context.Context, A) (T, error) {
	mu := make(chan struct{}, 1)
	var done bool
	var value T
	var failed error
	return func(ctx context.Context, a A) (T, error) {
		mu <- struct{}{}
		defer func() { <-mu }()
		if !done {
			value, failed = f(ctx, a)
			done = !errors.Is(failed, context.Canceled)
		}
		return value, failed
	}
}
