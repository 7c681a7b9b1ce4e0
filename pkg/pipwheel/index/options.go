package index

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"
)

// DefaultIndex is where pip looks when nothing else is said.
const DefaultIndex = "https://pypi.org/simple/"

// DefaultParallel is how many requests a client has under way where [Options] does not say.
const DefaultParallel = 32

// Doer sends a request and follows redirects.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Store keeps small things. An error of Get is a miss.
type Store interface {
	Get(collection, key string) ([]byte, error)
	Put(collection, key string, content []byte) error
	Delete(collection, key string) error
}

// Content is a file that can be read at any place until it is closed.
type Content interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// Wheels keeps wheels by key, which is the SHA-256 in hexadecimal where it is known beforehand.
type Wheels interface {
	// Open returns a wheel that has been committed before; any error is a miss.
	Open(key string) (Content, error)
	// Partial begins a wheel or goes on with what an earlier run left of it.
	Partial(key string) (Partial, error)
}

// Partial is a wheel on its way into the store. Closed before it is committed, it stays for a
// later run to go on with.
type Partial interface {
	io.WriteCloser
	// ReadAt reads what has been written. It may be called while any other method is, goes on after
	// Commit until the Content is closed, and gives an error for what Reset or Close took away.
	io.ReaderAt
	// Size is how much is there, in bytes.
	Size() int64
	// Reset throws away what is there.
	Reset() error
	// Commit keeps the content, if that is its SHA-256, and returns it; else it throws it away.
	Commit(sha256 [32]byte) (Content, error)
}

// Local reads what --find-links and file: URLs name on the host.
type Local interface {
	// Files lists the files of a folder, in any order. A folder that is not there is fs.ErrNotExist.
	Files(folder string) ([]LocalFile, error)
	// Page returns an HTML file, of at most limit bytes.
	Page(file string, limit int64) ([]byte, error)
	// Open opens a file.
	Open(file string) (Content, error)
}

// LocalFile is a file of the host.
type LocalFile struct {
	Name string // without folders
	Path string // as [Local.Open] takes it
	Size int64  // in bytes
}

// Options say where to look and with what. HTTP is needed for indexes, Local for folders; the
// rest may be zero.
type Options struct {
	HTTP Doer
	// Pages keeps pages and metadata between runs; nil keeps nothing.
	Pages Store
	// Wheels keeps downloads.
	Wheels Wheels
	Local  Local

	// IndexURL is the main index, empty for [DefaultIndex]; ExtraIndexURLs are asked before it, in
	// their order. A URL may carry user and password.
	IndexURL       string
	ExtraIndexURLs []string
	// FindLinks are HTML pages (http, https, file: URLs or paths that end in .html or .htm) and
	// folders, whose files are preferred to the same of an index.
	FindLinks []string
	// NoIndex leaves FindLinks alone.
	NoIndex bool
	// TrustedHosts are "host" or "host:port" that may be spoken to without TLS.
	TrustedHosts []string

	// Netrc holds credentials by host; nil has none.
	Netrc *Netrc
	// Getenv looks up LAYERPACK_INDEX_<HOST>_USERNAME and _PASSWORD for Hosts; see [EnvName]. Nil has none.
	Getenv func(string) string
	// Hosts are the origins ("https://name:port") that the user named as indexes, not a file of the project: the only ones
	// that Getenv is asked about. Several hosts can share the names of their variables.
	Hosts []string

	// Offline answers from Pages and Wheels alone, however old.
	Offline bool
	// Refresh asks again for pages that were fresh.
	Refresh bool
	// Now is the clock by which a page is fresh; without one, none is.
	Now func() time.Time
	// Parallel bounds the requests under way; 0 is [DefaultParallel]. Some of it, but for 1, is not
	// for whole wheels, so that small answers need not wait for them. A Doer that bounds the requests
	// to one host should allow as many.
	Parallel int
	// Origin marks a request to an address that a server named, for a Doer with a policy of its
	// own about that. Nil marks nothing.
	Origin func(ctx context.Context, to, from *url.URL) context.Context
}
