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

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/packages"
	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/internal/store"
	"github.com/layerpack/layerpack/internal/transport"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/tagging"
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

// run is one run of the pipeline.
type run struct {
	build  *Build
	host   Host
	client *registry.Client
	store  *store.Store
	// wheelFiles are the paths of the wheels that --wheels led to.
	wheelFiles []string
	unkept     atomic.Bool // it has been said that the store cannot be written
	// texts are what was read of files; links are where wheels were looked for besides indexes.
	texts       *packages.Texts
	links       []string
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
	r := &run{texts: cmp.Or(h.Texts, &packages.Texts{}), build: b, host: h, client: client, store: store.With(store.Options{Dir: h.CacheDir, Temp: h.TempDir, Now: h.Now})}
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

// planned is a decided build.
type planned struct {
	plan   *plan.Plan
	digest string // of the plan
	tag    string // the unique tag
	base   *base
	inputs *inputs
}

// Plan decides a build and builds nothing: it reads the base, the sources and the wheels, and asks the destinations
// what they hold.
func Plan(ctx context.Context, b *Build, h Host) (*Result, error) {
	r, err := newRun(b, h)
	if err != nil {
		return nil, err
	}
	p, err := r.plan(ctx)
	if err != nil {
		return nil, err
	}
	defer p.inputs.close()
	if err := errors.Join(r.checkClosure(p), r.family(p)); err != nil {
		return nil, err
	}
	pusher := r.pusher(p)
	if err := r.look(ctx, p, pusher); err != nil {
		return nil, err
	}
	blobs := r.blobs(p)
	r.find(ctx, p, blobs, pusher)
	if err := r.check(ctx, p, blobs); err != nil {
		return nil, err
	}
	if err := r.checkFlows(ctx, p, blobs); err != nil {
		return nil, err
	}
	r.recallAll(ctx, p, blobs, pusher)
	return r.forecast(p, blobs, pusher), nil
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
	p, err := r.plan(ctx)
	if err != nil {
		return nil, err
	}
	defer p.inputs.close()
	if err := errors.Join(r.checkClosure(p), r.family(p)); err != nil {
		return nil, err
	}
	pusher := r.pusher(p)
	if err := r.look(ctx, p, pusher); err != nil {
		return nil, err
	}
	blobs := r.blobs(p)
	defer func() { err = errors.Join(err, blobs.close()) }()
	flows := make(chan error, 1)
	go func() { flows <- r.checkFlows(ctx, p, blobs) }() // while registries answer
	r.find(ctx, p, blobs, pusher)
	r.recallAll(ctx, p, blobs, pusher)
	if err := <-flows; err != nil {
		return nil, err
	}
	if err := r.make(ctx, p, blobs, pusher); err != nil {
		return nil, err
	}
	if err := blobs.allVerified(ctx); err != nil {
		return nil, err
	}
	if err := r.check(ctx, p, blobs); err != nil {
		return nil, err
	}
	if blobs.taken && !p.base.cached.believed() {
		return nil, &distrusted{fmt.Errorf("%s has lost what it should tell", p.base.cached.reference())}
	}
	img, err := r.image(ctx, p, blobs)
	if err != nil {
		return nil, err
	}
	if res, err = r.deliver(ctx, p, img, blobs, pusher); err != nil {
		return nil, err
	}
	return res, r.rememberBuild(p)
}

// plan resolves the base, reads the inputs and decides.
func (r *run) plan(ctx context.Context) (p *planned, err error) {
	for _, w := range r.build.Warnings() {
		r.say(progress.Warning, "%s", w)
	}
	if err := r.checkOutput(); err != nil {
		return nil, err
	}
	base, err := r.resolve(ctx)
	if err != nil {
		return nil, err
	}
	in := &inputs{open: base.open}
	defer func() {
		if err != nil {
			in.close()
		}
	}()
	if err := r.profile(ctx, base); err != nil {
		return nil, err
	}
	if err := r.read(ctx, base, in); err != nil {
		return nil, err
	}
	made, notes, err := plan.Make(plan.Inputs{
		Build: r.build, Base: base.pinned, Image: base.image, Profile: base.profile,
		Sources: in.sources, Files: in.files, Wheels: in.wheels, Platform: r.build.Platform.String(),
		Prioritize: in.prioritize,
		Owned:      func() (map[string][]baseimage.OwnedFile, error) { return r.owned(ctx, base) },
	})
	for _, n := range notes {
		r.note(n)
	}
	if err != nil {
		return nil, err
	}
	digest, err := made.Digest()
	if err != nil {
		return nil, err
	}
	return &planned{plan: made, digest: digest, tag: tagging.Unique(digest), base: base, inputs: in}, nil
}
