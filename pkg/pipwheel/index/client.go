package index

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"
)

// Client asks the indexes of its [Options]. It is safe for parallel use.
type Client struct {
	http     Doer
	pages    Store
	wheels   Wheels
	local    Local
	indexes  []*source // in the order in which they are asked
	links    []*source // find-links, in order
	trusted  []string
	creds    credentials
	offline  bool
	refresh  bool
	now      func() time.Time
	slots    *queue // of all requests under way
	bodies   *queue // of those for whole wheels
	maxPage  int64
	large    chan struct{} // for the one large page that is read
	origin   func(ctx context.Context, to, from *url.URL) context.Context
	projects memo[*Project]
	flat     memo[map[string]*page]
	metadata memo[*Metadata]
	// unranged holds the hosts that do not answer range requests.
	unranged sync.Map
}

// New makes a client. It fails on addresses that are none; nothing is asked yet.
func New(o Options) (*Client, error) {
	c := &Client{
		http: o.HTTP, pages: o.Pages, wheels: o.Wheels, local: o.Local, trusted: o.TrustedHosts,
		offline: o.Offline, refresh: o.Refresh, now: o.Now, origin: o.Origin,
		maxPage: maxPage, large: make(chan struct{}, 1),
		creds: credentials{netrc: o.Netrc, getenv: o.Getenv, hosts: o.Hosts},
	}
	if c.now == nil {
		c.now = func() time.Time { return time.Time{} }
	}
	parallel := o.Parallel
	if parallel <= 0 {
		parallel = DefaultParallel
	}
	c.slots = newQueue(parallel)
	// What is small does not wait for what takes long, if there is room for both.
	c.bodies = newQueue(parallel - min(parallel-1, max(1, parallel/4)))
	if !o.NoIndex {
		main := o.IndexURL
		if main == "" {
			main = DefaultIndex
		}
		for i, text := range append(append([]string(nil), o.ExtraIndexURLs...), main) {
			flag := "--extra-index-url"
			if i == len(o.ExtraIndexURLs) {
				flag = "--index-url"
			}
			s, err := indexSource(text, flag)
			if err != nil {
				return nil, err
			}
			if !contains(c.indexes, s) {
				c.indexes = append(c.indexes, s)
			}
		}
	}
	for _, text := range o.FindLinks {
		s, err := linksSource(text)
		if err != nil {
			return nil, err
		}
		if !contains(c.links, s) {
			c.links = append(c.links, s)
		}
	}
	c.creds.sources = append(append([]*source(nil), c.indexes...), c.links...)
	if err := c.complete(); err != nil {
		return nil, err
	}
	return c, nil
}

// complete says early what a caller forgot to hand in.
func (c *Client) complete() error {
	for _, s := range c.creds.sources {
		if s.url != nil && c.http == nil && !c.offline {
			return errors.New("an index is to be asked, but nothing was given that sends requests")
		}
		if s.url == nil && c.local == nil {
			return errors.New("a folder is to be read, but nothing was given that reads files")
		}
	}
	return nil
}

// Indexes returns the addresses of the indexes, without credentials, in the order in which they
// are asked.
func (c *Client) Indexes() []string {
	names := make([]string, len(c.indexes))
	for i, s := range c.indexes {
		names[i] = s.String()
	}
	return names
}

// slot waits for leave to send a request.
func (c *Client) slot(ctx context.Context) (release func(), err error) {
	p := c.slots.join()
	err = p.wait(ctx)
	if err == nil && ctx.Err() != nil { // there was room, and nobody wants it any more
		err = context.Cause(ctx)
	}
	if err != nil {
		p.leave()
		return nil, err
	}
	return p.leave, nil
}
