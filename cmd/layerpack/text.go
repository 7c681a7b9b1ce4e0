package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/pkg/assemble"
)

const intro = `layerpack turns a base image, a Prefect flow and its wheels into a pushed OCI image:
no Docker daemon, no root, no Python.

  layerpack --base prefecthq/prefect:2-python3.11 -t registry.example/team/flows
  layerpack --base prefecthq/prefect:2-python3.11 --wheels wheels -o oci:image
  layerpack plan --base prefecthq/prefect:2-python3.11

`

const cacheText = `layerpack cache info [--json]
  what is kept of earlier runs: profiles of bases, records of layers; how much, and where
layerpack cache prune [--max-size SIZE] [--older-than DURATION] [--all] [--dry-run]
  remove what was not used for longest; what is removed is learnt again when it is needed

Nothing needs to be done: the cache keeps within its limit on its own.
layerpack cache info --help and layerpack cache prune --help list the flags.
`

const loginText = `layerpack login REGISTRY -u USER --password-stdin
  ask the registry whether the password, or token, on stdin is right, and keep it where docker does:
  with its credential helper, else in $DOCKER_CONFIG/config.json
layerpack logout REGISTRY
  forget it

  printf %s "$TOKEN" | layerpack login registry.example -u me --password-stdin

A run in CI needs no login: LAYERPACK_USERNAME and LAYERPACK_PASSWORD go before everything, for the
registry of the first -t alone.

`

func usageText(set *pflag.FlagSet) string {
	var b strings.Builder
	if set.Name() == "build" {
		b.WriteString(intro)
		b.WriteString("Verbs:\n")
		for _, v := range verbs() {
			fmt.Fprintf(&b, "  %-9s %s\n", v.name, v.short)
		}
		b.WriteString("\nFlags of build and plan:\n")
	} else {
		if strings.HasPrefix(set.Name(), "log") {
			b.WriteString(loginText)
		}
		fmt.Fprintf(&b, "Flags of layerpack %s:\n", set.Name())
	}
	b.WriteString(set.FlagUsages())
	b.WriteString("\nExit codes: 0 done, 1 failed, 2 usage, 4 input refused, 130 and 143 stopped by a signal.\n")
	return b.String()
}

// table shows a plan to people.
func table(w io.Writer, res *assemble.Result) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s\t%s\n", "reference", res.Reference)
	if len(res.Platforms) == 0 {
		fmt.Fprintf(t, "%s\t%s\n", "platform", res.Platform)
	}
	fmt.Fprintf(t, "%s\t%s\n", "plan", res.Plan)
	const head = "layer\tstate\tsize\tto move\twhat\twhy\n"
	if len(res.Platforms) == 0 {
		fmt.Fprint(t, head)
		layerRows(t, res.Layers)
	}
	for _, p := range res.Platforms {
		fmt.Fprintf(t, "%s\t%s\n", "platform", p.Platform)
		fmt.Fprint(t, head)
		layerRows(t, p.Layers)
	}
	_ = t.Flush() // stderr is for people; there is nobody to tell when it is gone
}

// layerRows shows the layers of one image. One that other platforms have too is built and moved once.
func layerRows(t io.Writer, layers []assemble.Layer) {
	for _, l := range layers {
		state, size, cost := "to build", "?", progress.Size(l.Cost)
		if l.Reused {
			state, size = "known", progress.Size(l.Size)
		}
		if l.Estimated {
			cost = "about " + cost
		}
		what := l.Title
		if l.Role == "base" {
			state, what = "base", l.Digest
		}
		if l.Shared {
			state += ", shared"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", l.Role, state, size, cost, what, l.Why)
	}
}

func (c *command) version(_ context.Context, args []string) error {
	if err := c.parse(pflag.NewFlagSet("version", pflag.ContinueOnError), args); err != nil {
		return err
	}
	_, err := fmt.Fprintln(c.stdout, versionText())
	return err
}
