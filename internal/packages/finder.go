package packages

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/internal/store"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/index"
)

// Options are what a Finder works with.
type Options struct {
	Build *spec.Build
	Store *store.Store
	// HTTP makes what sends requests, for hosts that are trusted without a valid certificate. It is
	// not called where nothing has to be asked.
	HTTP func(trusted []string) (index.Doer, error)
	// Variables looks up what a requirement file may name as ${NAME}; nil has none.
	Variables func(name string) (string, bool)
	// Getenv looks up credentials of indexes; see [index.EnvName].
	Getenv func(string) string
	Netrc  *index.Netrc
	Now    func() time.Time
	// AtHand are the wheels that the user named: what one of them is of is looked for nowhere else.
	AtHand []AtHand
	// Note is told what the user should know, Detail what only the curious want.
	Note, Detail func(format string, args ...any)
	// Progress is told of a download how many bytes of the file are there.
	Progress func(file string, done, size int64)
	// Texts keeps what was read of files, so that one is read once, also by several finders; nil reads again.
	Texts *Texts
	// ForLock leaves out advice that is for builds.
	ForLock bool
	// Like is the finder of another image of the same build: what indexes have told it is not asked again. Nil asks.
	Like *Finder
	// Preferences are versions to prefer, by normalised name, as those of the lock that is made anew.
	Preferences map[string]string
}

// AtHand is a wheel of the host.
type AtHand struct {
	File string // its name
	// Open reads what it says of itself, and the SHA-256 of its bytes.
	Open func(ctx context.Context) (*pipwheel.Wheel, [sha256.Size]byte, error)
}

// Finder finds the wheels of one build.
type Finder struct {
	Options
	client func() (*index.Client, error)
	sent   lookup // where to look, once it has been read
}

// lookup is what decides on the client: the build's words and the options of requirement files.
type lookup struct {
	indexURL                 string
	extra, links, trusted    []string
	noIndex, offline, repeat bool
}

// New makes a finder. Nothing is read or asked yet.
func New(o Options) *Finder {
	nothing := func(string, ...any) {}
	if o.Note == nil {
		o.Note = nothing
	}
	if o.Detail == nil {
		o.Detail = nothing
	}
	f := &Finder{Options: o}
	p := &o.Build.Packages
	f.sent = lookup{
		indexURL: p.IndexURL, extra: p.ExtraIndexURLs, links: p.FindLinks, trusted: p.TrustedHosts,
		noIndex: p.NoIndex, offline: p.Offline, repeat: p.Refresh,
	}
	f.client = sync.OnceValues(f.connect)
	if o.Like != nil {
		f.client = o.Like.client
	}
	return f
}

// connect makes the client, when the first question is asked.
func (f *Finder) connect() (*index.Client, error) {
	if f.HTTP == nil {
		return nil, errors.New("an index is to be asked, but nothing was given that sends requests")
	}
	http, err := f.HTTP(f.sent.trusted)
	if err != nil {
		return nil, err
	}
	c, err := index.New(index.Options{
		HTTP: http, Pages: f.Store, Wheels: wheelStore{f.Store}, Local: hostFiles{},
		IndexURL: f.sent.indexURL, ExtraIndexURLs: f.sent.extra, FindLinks: f.sent.links, NoIndex: f.sent.noIndex,
		TrustedHosts: f.sent.trusted, Netrc: f.Netrc, Getenv: f.Getenv, Hosts: f.hosts(),
		Offline: f.sent.offline, Refresh: f.sent.repeat, Now: f.Now, Origin: origin,
	})
	if err != nil {
		return nil, fmt.Errorf("where wheels are looked for: %w", err)
	}
	return c, nil
}

// hosts are the origins of indexes that the build names, not a file.
func (f *Finder) hosts() []string {
	p := &f.Build.Packages
	all := slices.Concat([]string{cmp.Or(p.IndexURL, index.DefaultIndex)}, p.ExtraIndexURLs, p.FindLinks)
	var out []string
	for _, text := range all {
		if u, err := url.Parse(text); err == nil && u.Host != "" {
			out = append(out, u.Scheme+"://"+u.Host)
		}
	}
	return out
}

// Open begins with a wheel that is not at hand: it can be read while it comes, and is verified once it is here.
func (f *Finder) Open(ctx context.Context, w *Wheel) (*index.Remote, error) {
	c, err := f.client()
	if err != nil {
		return nil, err
	}
	want := w.want
	if f.Progress != nil {
		want.Progress = func(done int64) { f.Progress(w.File, done, w.file.Size) }
	}
	return c.Remote(ctx, w.file, want)
}
