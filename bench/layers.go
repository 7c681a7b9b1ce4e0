package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/layerpack/layerpack/bench/layer"
	"github.com/layerpack/layerpack/bench/measure"
	"github.com/layerpack/layerpack/bench/page"
	"github.com/layerpack/layerpack/bench/wheels"
)

// layers measures how wheels become one layer: two sets, on one core and on all that there are.
func (o *options) layers(ctx context.Context, say func(string)) (text string, err error) {
	dir, err := os.MkdirTemp("", "layerpack-bench-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	newer, err := goVersion(ctx, o.newer)
	if err != nil {
		return "", err
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(layersText)
	for _, set := range []struct{ title, list string }{
		{"Small files", o.small},
		{"Native code", o.native},
	} {
		files, err := wheels.Find(o.wheels, set.list)
		if err != nil {
			return "", err
		}
		want, size, err := layer.Want(files)
		if err != nil {
			return "", err
		}
		for _, cores := range []int{1, runtime.NumCPU()} {
			c := comparison{layer.Setup{Wheels: files, Cores: cores, Dir: dir, Want: want}, self, runtime.Version(), o.newer, newer}
			all := c.oneCore()
			if cores > 1 {
				all = c.manyCores()
			}
			say(fmt.Sprintf("%s, %d cores", set.title, cores))
			s, err := measure.Rounds(ctx, o.rounds, all, say)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&b, "\n### %s, GOMAXPROCS=%d\n\n%d wheels, %.1f MB of contents: %s.\n\n",
				set.title, cores, len(files), float64(size)/1e6, names(files))
			b.WriteString(c.tables(s))
		}
	}
	return b.String(), nil
}

// comparison is a set of wheels and the two binaries that work on it.
type comparison struct {
	layer.Setup
	older, olderGo, newer, newerGo string
}

func (c comparison) by(work string) measure.Contender {
	return c.Contender(work, work, c.older, c.olderGo, 0)
}

// both is a contender whose speed is that of Go's own packages.
func (c comparison) both(work string, maxRounds int) []measure.Contender {
	return []measure.Contender{
		c.Contender(work+", "+c.olderGo, work, c.older, c.olderGo, maxRounds),
		c.Contender(work+", "+c.newerGo, work, c.newer, c.newerGo, maxRounds),
	}
}

// How often those take part that need more time than all others together, and those that are next.
const (
	slowestRounds = 1
	slowRounds    = 2
)

func (c comparison) oneCore() (all []measure.Contender) {
	for _, w := range []string{layer.Ours, layer.Floor, layer.Klauspost, layer.Pgzip, layer.OursStargz, layer.OursZstd, layer.InflateOurs, layer.InflateKlaus} {
		all = append(all, c.by(w))
	}
	for _, w := range []string{layer.Stdlib, layer.StdlibReady, layer.InflateStd} {
		all = append(all, c.both(w, 0)...)
	}
	all = append(all, c.both(layer.Build6, slowRounds)...)
	return append(all, c.both(layer.Build, slowestRounds)...)
}

// manyCores leaves out those that use one, whatever there are.
func (c comparison) manyCores() (all []measure.Contender) {
	for _, w := range []string{layer.Ours, layer.Pgzip, layer.OursStargz, layer.OursZstd} {
		all = append(all, c.by(w))
	}
	return append(all, c.both(layer.Build6, slowRounds)...)
}

func (c comparison) tables(s measure.Series) string {
	title := func(all []measure.Contender) (names []string) {
		for _, m := range all {
			names = append(names, m.Name)
		}
		return names
	}
	var b strings.Builder
	table := func(head, reference string, rows ...string) {
		if t := page.Compare(s, "", reference, rows); len(t.Rows) > 1 {
			fmt.Fprintf(&b, "%s\n\n%s\n", head, t)
		}
	}
	gzip := append([]string{layer.Ours, layer.OursZstd}, title(append(c.both(layer.Stdlib, 0), c.both(layer.StdlibReady, 0)...))...)
	table("gzip and zstd:", layer.Ours, append(gzip, layer.Klauspost, layer.Pgzip)...)
	table("eStargz:", layer.OursStargz, append([]string{layer.OursStargz}, title(append(c.both(layer.Build6, 0), c.both(layer.Build, 0)...))...)...)
	table("Beside the floor:", layer.Floor, layer.Floor, layer.Ours)
	table("Inflating alone:", layer.InflateOurs, append([]string{layer.InflateOurs, layer.InflateKlaus}, title(c.both(layer.InflateStd, 0))...)...)
	return b.String()
}

// goVersion asks the go command what a binary was built with.
func goVersion(ctx context.Context, binary string) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "version", binary).Output()
	if err != nil {
		return "", fmt.Errorf("go version %s: %w", binary, err)
	}
	fields := strings.Fields(string(out))
	if len(fields) == 0 {
		return "", fmt.Errorf("go version %s says nothing", binary)
	}
	return fields[len(fields)-1], nil
}
