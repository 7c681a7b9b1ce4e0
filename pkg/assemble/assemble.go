// Package assemble runs the whole pipeline: what the user said becomes a plan, the plan
// layers, the layers an image, and the image a receipt from its destinations.
//
//	spec.Build -> plan.Plan -> layers.Blob -> manifest.Image -> push.Receipt
//
// It is the only importer of all stages and does nothing but run them. A program makes
// [Flags], turns them into a [Build] with [NewBuild], and calls [Run] or [Plan].
package assemble

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/layerpack/layerpack/internal/packages"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/internal/store"
	"github.com/layerpack/layerpack/internal/transport"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// Names of the stages that callers use.
type (
	// Flags are the words of a command line.
	Flags = spec.Flags
	// Build is a validated build.
	Build = spec.Build
	// UsageError is a mistake in the words.
	UsageError = spec.UsageError
	// Event and Sink carry progress.
	Event = progress.Event
	Sink  = progress.Sink
	// Texts are the files of a command line.
	Texts = packages.Texts
)

// NewBuild validates flags and fills in defaults.
func NewBuild(f Flags) (*Build, error) { return spec.New(f) }

// Host is what a run may use of the machine. Nothing else of it is looked at.
type Host struct {
	CacheDir string // "" keeps nothing
	TempDir  string // for layers that are built, where CacheDir cannot be written
	Keychain authn.Keychain
	// Getenv is asked for proxy variables alone.
	Getenv func(string) string
	// PlainHTTP are registry hosts that are spoken to without TLS; those on loopback always are.
	PlainHTTP []string
	// Hosts is what the user has set for single registries; nil sets nothing.
	Hosts    Hosts
	CA       []byte // PEM certificates that are trusted besides the system's
	Version  string // of the program, for the User-Agent
	Progress Sink
	// Now tells files that changed a moment ago, which are read again. Nil reads all.
	Now func() time.Time
	// Stdin is read where the base is an archive on standard input.
	Stdin io.Reader
	// Texts keeps what is read of the user's files, for several calls with one command line: a pipe is empty when it is
	// read again. Nil keeps it for each call alone.
	Texts *Texts
	// Loosen is called before versions are chosen, and what it returns afterwards: that takes memory in proportion to what
	// indexes tell, and a collector that is kept short makes it several times slower. Nil does nothing.
	Loosen func() (tighten func())
	// Packages is for indexes of wheels.
	Packages PackageHost
	// Exclude are paths of the host that are never part of a source: result files and the like.
	Exclude []string
}

// HostTLS is what a host is to be trusted by, and shown.
type HostTLS = transport.HostTLS

// Hosts is the user's configuration of registries.
type Hosts interface {
	// Mirrors are asked for a base before the registry, in their order.
	Mirrors(registry string) []string
	// InFlight and Uploads are the most requests and uploads at a time; 0 leaves the default.
	InFlight(host string) int
	Uploads(registry string) int
	HostTLS(host string) (HostTLS, error)
}

// run is one run of the pipeline, or the part of it that is for one platform.
type run struct {
	*shared
	build *Build
	host  Host
	// platform names the image where there are several; empty where there is one.
	platform string
}

// shared is what all images of a run have in common.
type shared struct {
	client *registry.Client
	store  *store.Store
	unkept atomic.Bool     // it has been said that the store cannot be written
	texts  *packages.Texts // what was read of files
	// reading has room for the layers of bases that are read at the same time.
	reading     chan struct{}
	forLock     bool              // what is found is for a lock
	preferences map[string]string // versions to choose where one may, by normalised name
	distrust    bool              // what others tell of layers and wheels is not used
}

func newRun(b *Build, h Host) (*run, error) {
	if h.Progress == nil {
		h.Progress = progress.Discard{}
	}
	client, err := newClient(h)
	if err != nil {
		return nil, err
	}
	r := &run{build: b, host: h, shared: &shared{
		texts: cmp.Or(h.Texts, &packages.Texts{}), client: client, reading: make(chan struct{}, mostRead),
		store: store.With(store.Options{Dir: h.CacheDir, Temp: h.TempDir, Now: h.Now}),
	}}
	r.announce()
	return r, nil
}

func (r *run) say(kind progress.Kind, format string, args ...any) {
	r.host.Progress.Send(progress.Event{Kind: kind, Text: fmt.Sprintf(format, args...)})
}

// tidy keeps the store within its limit. One that cannot be tidied is as good as it was.
func (r *run) tidy() {
	if err := r.store.Tidy(context.Background()); err != nil {
		r.say(progress.Detail, "the cache cannot be tidied: %v", err)
	}
}

// Plan decides a build and builds nothing: it reads the base, the sources and the wheels, and asks the destinations
// what they hold.
func Plan(ctx context.Context, b *Build, h Host) (*Result, error) {
	r, err := newRun(b, h)
	if err != nil {
		return nil, err
	}
	j, err := r.plan(ctx)
	if err != nil {
		return nil, err
	}
	defer j.close()
	if err := errors.Join(j.checkClosure(), j.family()); err != nil {
		return nil, err
	}
	pusher := j.pusher()
	if err := j.look(ctx, pusher); err != nil {
		return nil, err
	}
	all := j.blobs()
	j.find(ctx, all, pusher)
	if err := j.check(ctx); err != nil {
		return nil, err
	}
	if err := j.checkFlows(ctx); err != nil {
		return nil, err
	}
	if _, err := j.recall(ctx, all, pusher); err != nil {
		return nil, err
	}
	return j.forecast(pusher), nil
}

// distrusted is what comes of something that another machine or an earlier run has told and that is not so.
type distrusted struct{ error }

func (d *distrusted) Unwrap() error { return d.error }

// Run builds the image and brings it to its destinations. What caches tell is not needed for that: where it turns out to be
// wrong, the run begins anew without it.
func Run(ctx context.Context, b *Build, h Host) (*Result, error) {
	r, err := newRun(b, h)
	if err != nil {
		return nil, err
	}
	defer r.tidy()
	res, err := r.attempt(ctx)
	var wrong *distrusted
	if errors.As(err, &wrong) || errors.Is(err, pipwheel.ErrFacts) {
		if b.Base.Path == spec.Stdin {
			return nil, fmt.Errorf("%w; standard input cannot be read again: say --no-cache", err)
		}
		r.say(progress.Warning, "what a cache told is wrong, so all is made without it: %v", err)
		r.distrust = true
		return r.attempt(ctx)
	}
	return res, err
}

// attempt runs the pipeline once.
func (r *run) attempt(ctx context.Context) (res *Result, err error) {
	j, err := r.plan(ctx)
	if err != nil {
		return nil, err
	}
	defer j.close()
	if err := errors.Join(j.checkClosure(), j.family()); err != nil {
		return nil, err
	}
	pusher := j.pusher()
	if err := j.look(ctx, pusher); err != nil {
		return nil, err
	}
	all := j.blobs()
	defer func() { err = errors.Join(err, all.close()) }()
	flows := make(chan error, 1)
	go func() { flows <- j.checkFlows(ctx) }() // while registries answer
	j.find(ctx, all, pusher)
	_, unknown := j.recall(ctx, all, pusher)
	if err := errors.Join(<-flows, unknown); err != nil {
		return nil, err
	}
	if err := j.make(ctx, all, pusher); err != nil {
		return nil, err
	}
	if err := all.allVerified(ctx); err != nil {
		return nil, err
	}
	if err := j.check(ctx); err != nil {
		return nil, err
	}
	if err := j.believed(); err != nil {
		return nil, err
	}
	made, err := j.assemble(ctx)
	if err != nil {
		return nil, err
	}
	if res, err = j.deliver(ctx, made, all, pusher); err != nil {
		return nil, err
	}
	return res, j.rememberBuild()
}
