package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/internal/store"
)

// cache shows what was kept of earlier runs, or takes some of it away.
func (c *command) cache(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "info":
			return c.cacheInfo(ctx, args[1:])
		case "prune":
			return c.cachePrune(ctx, args[1:])
		case "-h", "--help":
			_, err := io.WriteString(c.stdout, cacheText)
			return err
		}
		return usagef("layerpack cache has no %q; write layerpack cache info or layerpack cache prune", args[0])
	}
	return usagef("write layerpack cache info, or layerpack cache prune")
}

// cacheFlags are the words of all that is done to the cache.
type cacheFlags struct {
	dir  string
	json bool
}

func (f *cacheFlags) register(set *pflag.FlagSet) {
	set.StringVar(&f.dir, "cache-dir", "", "`DIR` of the cache (default $XDG_CACHE_HOME/layerpack)")
	set.BoolVar(&f.json, "json", false, "print one JSON document")
}

func (c *command) openCache(f *cacheFlags) (*store.Store, error) {
	dir := c.cacheDir(f.dir)
	if dir == "" {
		return nil, errors.New("finding the cache: neither XDG_CACHE_HOME nor HOME is an absolute path, so nothing is kept; name one with --cache-dir")
	}
	return store.With(store.Options{Dir: dir, Now: time.Now}), nil
}

func (c *command) cacheInfo(ctx context.Context, args []string) error {
	var f cacheFlags
	set := pflag.NewFlagSet("cache info", pflag.ContinueOnError)
	f.register(set)
	if err := c.parse(set, args); err != nil {
		return err
	}
	s, err := c.openCache(&f)
	if err != nil {
		return err
	}
	u, err := s.Usage(ctx)
	if err != nil {
		return err
	}
	return c.tell(f.json, u, func(w io.Writer) {
		fmt.Fprintf(w, "path\t%s\n", u.Dir)
		fmt.Fprintf(w, "limit\t%s\n", progress.Size(u.Limit))
		fmt.Fprintf(w, "in use\t%s\n\n", progress.Size(u.Bytes+u.Unfinished.Bytes))
		fmt.Fprint(w, "collection\tentries\tsize\toldest use\n")
		for _, l := range u.Collections {
			fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", l.Name, l.Entries, progress.Size(l.Bytes), l.Oldest.UTC().Format(time.DateOnly))
		}
		if n := u.Unfinished; n.Entries > 0 {
			fmt.Fprintf(w, "unfinished\t%d\t%s\n", n.Entries, progress.Size(n.Bytes))
		}
		fmt.Fprintf(w, "total\t%d\t%s\n", u.Entries+u.Unfinished.Entries, progress.Size(u.Bytes+u.Unfinished.Bytes))
	})
}

func (c *command) cachePrune(ctx context.Context, args []string) error {
	var f cacheFlags
	var size, age string
	var all, dry bool
	set := pflag.NewFlagSet("cache prune", pflag.ContinueOnError)
	set.StringVar(&size, "max-size", "", "leave no more than `SIZE`, as in 500MB or 2GiB (default: the cache's limit, "+progress.Size(store.DefaultLimit)+")")
	set.StringVar(&age, "older-than", "", "remove what was not used for `DURATION`, as in 12h, 30d or 8w, whatever there is room for")
	set.BoolVar(&all, "all", false, "remove everything")
	set.BoolVar(&dry, "dry-run", false, "remove nothing, say what would go")
	f.register(set)
	if err := c.parse(set, args); err != nil {
		return err
	}
	how, err := pruneOptions(size, age, all)
	if err != nil {
		return err
	}
	how.DryRun = dry
	s, err := c.openCache(&f)
	if err != nil {
		return err
	}
	p, err := s.Prune(ctx, how)
	if p == nil {
		return err
	}
	return errors.Join(err, c.tell(f.json, p, func(w io.Writer) { pruneTable(w, p) }))
}

func pruneOptions(size, age string, all bool) (how store.PruneOptions, err error) {
	if all && size+age != "" {
		return how, usagef("--all leaves nothing; --max-size and --older-than cannot be given with it")
	}
	if !all {
		how.MaxSize = store.DefaultLimit
	}
	if size != "" {
		if how.MaxSize, err = spec.ParseSize(size); err != nil {
			return how, usagef("--max-size: %w", err)
		}
	}
	if age != "" {
		if how.OlderThan, err = parseAge(age); err != nil {
			return how, usagef("--older-than: %w", err)
		}
	}
	return how, nil
}

// parseAge reads a duration as Go writes it, or a number of days or weeks.
func parseAge(s string) (time.Duration, error) {
	const day = 24 * time.Hour
	const longest = 100 * 365 // days
	for suffix, days := range map[string]uint64{"d": 1, "w": 7} {
		number, ok := strings.CutSuffix(s, suffix)
		if n, err := strconv.ParseUint(number, 10, 16); ok && err == nil && n > 0 && n*days <= longest {
			return time.Duration(n*days) * day, nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is no span of time; write one such as 12h, 30d or 8w", s)
	}
	return d, nil
}

func pruneTable(w io.Writer, p *store.Pruned) {
	for _, l := range p.Collections {
		fmt.Fprintf(w, "%s\t%d\t%s\n", l.Name, l.Entries, progress.Size(l.Bytes))
	}
	if n := p.Unfinished; n.Entries > 0 {
		fmt.Fprintf(w, "unfinished\t%d\t%s\n", n.Entries, progress.Size(n.Bytes))
	}
	verb := "removed"
	if p.DryRun {
		verb = "would remove"
	}
	fmt.Fprintf(w, "%s\t%d\t%s\n", verb, p.Entries+p.Unfinished.Entries, progress.Size(p.Bytes+p.Unfinished.Bytes))
	fmt.Fprintf(w, "left\t%d\t%s\n", p.Left.Entries, progress.Size(p.Left.Bytes))
}

// tell prints an answer on stdout: as JSON, or as a table.
func (c *command) tell(asJSON bool, document any, table func(io.Writer)) error {
	var text strings.Builder
	if asJSON {
		b, err := json.MarshalIndent(document, "", "  ")
		if err != nil {
			return fmt.Errorf("writing the answer: %w", err)
		}
		text.WriteString(string(b) + "\n")
	} else {
		t := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
		table(t)
		if err := t.Flush(); err != nil {
			return fmt.Errorf("writing the answer: %w", err)
		}
	}
	if _, err := io.WriteString(c.stdout, text.String()); err != nil {
		return fmt.Errorf("writing the answer to stdout: %w", err)
	}
	return nil
}
