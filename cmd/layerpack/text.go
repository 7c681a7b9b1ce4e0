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
	fmt.Fprintf(t, "%s\t%s\n", "platform", res.Platform)
	fmt.Fprintf(t, "%s\t%s\n", "plan", res.Plan)
	fmt.Fprint(t, "layer\tstate\tsize\twhat\n")
	for _, l := range res.Layers {
		state, size := "to build", "?"
		if l.Reused {
			state, size = "known", progress.Size(l.Size)
		}
		what := l.Title
		if l.Role == "base" {
			state, what = "base", l.Digest
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", l.Role, state, size, what)
	}
	_ = t.Flush() // stderr is for people; there is nobody to tell when it is gone
}

func (c *command) version(_ context.Context, args []string) error {
	if err := c.parse(pflag.NewFlagSet("version", pflag.ContinueOnError), args); err != nil {
		return err
	}
	_, err := fmt.Fprintln(c.stdout, versionText())
	return err
}
