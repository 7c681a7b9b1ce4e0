package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/layerpack/layerpack/bench/image"
	"github.com/layerpack/layerpack/bench/measure"
	"github.com/layerpack/layerpack/bench/page"
	"github.com/layerpack/layerpack/bench/wheels"
)

// unchangedBuilds is how often nothing changes, in all rounds together.
const unchangedBuilds = 20

// runs measures whole builds with a push.
func (o *options) runs(ctx context.Context, say func(string)) (text string, err error) {
	dir, err := os.MkdirTemp("", "layerpack-bench-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, image.Remove(dir)) }()
	files, err := wheels.Find(o.wheels, o.image)
	if err != nil {
		return "", err
	}
	registry, err := image.StartRegistry(ctx, filepath.Join(dir, "registry"))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(registry.Stop(), err) }()
	job := &image.Job{Dir: dir}
	if job.Base, err = registry.PushBase(ctx, o.mkbase, o.base); err != nil {
		return "", err
	}
	say("unpacking the wheels for those who install none")
	if err := job.Prepare(files); err != nil {
		return "", err
	}
	tools, err := o.tools(ctx, job)
	defer func() {
		for _, t := range tools {
			err = errors.Join(err, t.tool.Close())
		}
	}()
	if err != nil {
		return "", err
	}
	sequences, err := image.NewSequences(ctx, registry, job, (unchangedBuilds+o.rounds-1)/o.rounds)
	if err != nil {
		return "", err
	}
	var all []measure.Contender
	var rows []string
	for _, t := range tools {
		all = append(all, sequences.Contender(t.tool, t.traits, t.rounds))
		rows = append(rows, t.tool.Name())
	}
	s, err := measure.Rounds(ctx, o.rounds, all, say)
	if err != nil {
		return "", err
	}
	return runsSection(s, rows, files), nil
}

// entrant is a tool with what is measured of it.
type entrant struct {
	tool   image.Tool
	traits image.Traits
	rounds int
}

// tools are all of them; those that run when one fails are returned with the error.
func (o *options) tools(ctx context.Context, job *image.Job) (all []entrant, err error) {
	all = append(all, entrant{&image.Layerpack{Binary: o.layerpack, Job: job}, image.Traits{Remembers: true, AsksRegistry: true}, 0})
	for _, binary := range []string{o.craneOlder, o.craneNewer} {
		v, err := goVersion(ctx, binary)
		if err != nil {
			return all, err
		}
		all = append(all, entrant{&image.Crane{Binary: binary, Go: v, Job: job}, image.Traits{}, 0})
	}
	kit, err := image.StartBuildKit(ctx, o.buildkit, o.buildkitVersion, job)
	if err != nil {
		return all, err
	}
	all = append(all, entrant{kit, image.Traits{Remembers: true}, slowRounds})
	return append(all, entrant{&image.Buildah{Binary: "buildah", Job: job}, image.Traits{Remembers: true}, slowestRounds}), nil
}

func runsSection(s measure.Series, rows, files []string) string {
	reference := rows[0]
	wall := func(r measure.Result) time.Duration { return r.Wall }
	user := func(r measure.Result) time.Duration { return r.User }
	var b strings.Builder
	b.WriteString(runsText)
	fmt.Fprintf(&b, "\n%d wheels, %.1f MB: %s.\n\nWall time, beside layerpack's:\n\n%s\nCPU time in user mode, beside layerpack's:\n\n%s",
		len(files), float64(sizes(files))/1e6, names(files),
		page.Steps(s, image.Steps(), reference, rows, wall), page.Steps(s, image.Steps(), reference, rows, user))
	t := page.Table{Head: []string{"", "MB above the base", "rounds", "builds without a change"}}
	for _, r := range rows {
		cold, _ := s.Median(r, image.Unknown)
		t.Rows = append(t.Rows, []string{
			r, fmt.Sprintf("%.1f", float64(cold.Size)/1e6), fmt.Sprint(len(s[measure.Key{Contender: r, Step: image.Unknown}])),
			fmt.Sprint(len(s[measure.Key{Contender: r, Step: image.Unchanged}])),
		})
	}
	return b.String() + "\nWhat was uploaded in the cold build, and how often it was measured:\n\n" + t.String()
}

// names lists wheels without their tags.
func names(files []string) string {
	var all []string
	for _, f := range files {
		name, rest, _ := strings.Cut(filepath.Base(f), "-")
		version, _, _ := strings.Cut(rest, "-")
		all = append(all, name+" "+version)
	}
	return strings.Join(all, ", ")
}

// sizes is the length of the wheels together; one that has gone counts nothing.
func sizes(files []string) (n int64) {
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			n += info.Size()
		}
	}
	return n
}
