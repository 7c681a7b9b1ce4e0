package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/layerpack/layerpack/pkg/assemble"
)

// inspect shows a base's profile: for people, as JSON, or as constraints for pip.
func (c *command) inspect(ctx context.Context, args []string) error {
	var f assemble.Flags
	var common commonFlags
	var asJSON bool
	var what, python string
	set := pflag.NewFlagSet("inspect", pflag.ContinueOnError)
	set.StringVar(&f.Base, "base", "", "image to show: `REF` of a registry, or oci:DIR[:TAG], or prefect for the one that the project tells")
	registerPython(set, &python)
	set.StringSliceVar(&f.Platforms, "platform", nil, "`OS/ARCH[/VARIANT]` of the image (default linux/amd64)")
	set.BoolVar(&asJSON, "json", false, "print the whole profile as JSON")
	set.StringVar(&what, "print", "", "print only the base's distributions as pip's `constraints`")
	common.register(set)
	if err := c.parse(set, args); err != nil {
		return err
	}
	if what != "" && what != "constraints" {
		return usagef("--print %s: write constraints", what)
	}
	host, done, err := c.host(&common)
	if err != nil {
		return err
	}
	host.Stdin = c.stdin
	defer done()
	if f.Base != "" {
		if f.Dir, err = projectDir(); err != nil {
			return err
		}
		if f.Base, err = inferBase(ctx, f, python, host); err != nil {
			return err
		}
	}
	f.NoSource = true
	b, err := assemble.NewBuild(f)
	if err != nil {
		return err
	}
	i, err := assemble.Inspect(ctx, b, host)
	if err != nil {
		return err
	}
	done()
	text := summaryOf(i)
	switch {
	case asJSON:
		document, err := json.MarshalIndent(i, "", "  ")
		if err != nil {
			return fmt.Errorf("writing the profile: %w", err)
		}
		text = string(document) + "\n"
	case what == "constraints":
		text = constraints(i)
	}
	if _, err := io.WriteString(c.stdout, text); err != nil {
		return fmt.Errorf("writing the profile to stdout: %w", err)
	}
	return nil
}

// constraints lists what the base has, as a file for pip's -c.
func constraints(i *assemble.Inspection) string {
	var b strings.Builder
	for _, d := range i.Distributions {
		fmt.Fprintf(&b, "%s==%s\n", d.Name, d.Version)
	}
	return b.String()
}

func summaryOf(i *assemble.Inspection) string {
	var b strings.Builder
	fmt.Fprintf(&b, "manifest       %s\n", i.Base.Manifest)
	fmt.Fprintf(&b, "layers         %d\n", i.Base.Layers)
	if p := i.Python; p != nil {
		fmt.Fprintf(&b, "python         %s %s, %s\n", p.Implementation, p.Version, p.Machine)
		fmt.Fprintf(&b, "interpreter    %s\n", p.Executable)
		fmt.Fprintf(&b, "site-packages  %s\n", p.Scheme.Purelib)
	} else {
		fmt.Fprintf(&b, "python         none: %s\n", i.PythonNote)
	}
	if l := i.Libc; l.Kind != "" {
		fmt.Fprintf(&b, "libc           %s %d.%d\n", l.Kind, l.Major, l.Minor)
	}
	fmt.Fprintf(&b, "distributions  %d\n", len(i.Distributions))
	for _, d := range i.Distributions {
		fmt.Fprintf(&b, "  %s %s\n", d.Name, d.Version)
	}
	for _, n := range i.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	return b.String()
}
