package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/pflag"

	"github.com/layerpack/layerpack/pkg/assemble"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Exit codes, as README documents them.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitDiffers = 3
	exitRefused = 4
	exitSignal  = 128 // and the signal's number
)

// command is what a verb needs of the outside.
type command struct {
	env    map[string]string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

// verb is one thing layerpack can do.
type verb struct {
	name  string
	short string
	run   func(c *command, ctx context.Context, args []string) error
}

func verbs() []verb {
	return []verb{
		{"build", "build an image and push it (the verb that may be left out)", (*command).build},
		{"plan", "say what would be built and why, and build nothing", (*command).plan},
		{"check", "look whether the project's flows could run in the image, and build nothing", (*command).check},
		{"lock", "choose versions and wheels for a base, and write them as pylock.toml", (*command).lock},
		{"init", "write the step that builds the image into the project's prefect.yaml", (*command).initialize},
		{"inspect", "show what layerpack knows of a base image", (*command).inspect},
		{"cache", "show what is kept of earlier runs (info), or remove it (prune)", (*command).cache},
		{"login", "check credentials for a registry and keep them where docker does", (*command).login},
		{"logout", "forget the credentials that login kept", (*command).logout},
		{"version", "print the version", (*command).version},
	}
}

// run is the whole program: words in, exit code out.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &command{env: map[string]string{}, stdin: stdin, stdout: stdout, stderr: stderr}
	for _, e := range environ {
		if k, v, ok := strings.Cut(e, "="); ok {
			c.env[k] = v
		}
	}
	err := c.dispatch(ctx, args)
	return c.report(ctx, err)
}

func (c *command) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return c.build(ctx, args)
	}
	if args[0] == "help" {
		return c.help(args[1:])
	}
	for _, v := range verbs() {
		if v.name == args[0] {
			return v.run(c, ctx, args[1:])
		}
	}
	return usagef("unknown verb %q; layerpack --help lists what there is", args[0])
}

// report prints an error for people and says which exit code it is.
func (c *command) report(ctx context.Context, err error) int {
	if err == nil || errors.Is(err, pflag.ErrHelp) {
		return exitDone
	}
	var stopped interrupted
	if errors.As(context.Cause(ctx), &stopped) {
		fmt.Fprintf(c.stderr, "layerpack: %v; no tag points to an image that is not complete\n", stopped)
		return exitSignal + int(stopped.signal)
	}
	// Names chosen by others stand in messages; a terminal must not take orders from them.
	message := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ReplaceAll(err.Error(), "\n", "\n  "))
	fmt.Fprintf(c.stderr, "layerpack: error: %s\n", message)
	var usage *assemble.UsageError
	var difference *assemble.DifferenceError
	switch {
	case errors.As(err, &difference):
		return exitDiffers
	case errors.As(err, &usage):
		return exitUsage
	case refusal.Is(err):
		return exitRefused
	}
	return exitFailed
}

func usagef(format string, args ...any) error {
	return &assemble.UsageError{Err: fmt.Errorf(format, args...)}
}

// parse reads a verb's words. Mistakes name the nearest flag that there is.
func (c *command) parse(set *pflag.FlagSet, args []string) error {
	set.SetOutput(io.Discard)
	set.SortFlags = false
	err := set.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		fmt.Fprint(c.stdout, usageText(set))
		return err
	}
	if err != nil {
		hint := ""
		var unknown *pflag.NotExistError
		if errors.As(err, &unknown) {
			if near := nearest(set, unknown.GetSpecifiedName()); near != "" {
				hint = "; did you mean --" + near + "?"
			}
		}
		return usagef("%w%s (layerpack %s --help lists the flags)", err, hint, set.Name())
	}
	var empty string
	set.Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && f.Value.String() == "" {
			empty = f.Name
		}
	})
	if empty != "" {
		return usagef("--%s is empty; leave it out, or give it a value", empty)
	}
	if set.NArg() > 0 {
		return usagef("%q is no flag; layerpack %s takes flags alone", set.Arg(0), set.Name())
	}
	return nil
}

// nearest finds the flag whose name differs least from one that does not exist.
func nearest(set *pflag.FlagSet, name string) string {
	best, distance := "", 3
	set.VisitAll(func(f *pflag.Flag) {
		if d := edits(f.Name, name); d < distance {
			best, distance = f.Name, d
		}
	})
	return best
}

// edits is the Levenshtein distance of two words.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			last, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, last+cost)
		}
	}
	return row[len(b)]
}

func (c *command) help(args []string) error {
	if len(args) > 0 && slices.ContainsFunc(verbs(), func(v verb) bool { return v.name == args[0] }) {
		return c.dispatch(context.Background(), []string{args[0], "--help"})
	}
	return c.dispatch(context.Background(), []string{"--help"})
}
