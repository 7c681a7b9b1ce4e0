// Command bench measures layerpack beside other tools and writes docs/performance.md; run.sh beside
// it makes what it needs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/layerpack/layerpack/bench/layer"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	rounds int
	parts  string
	page   string // file to write, "" for none

	wheels, small, native, image string // folder, and lists of names

	newer, layerpack, craneOlder, craneNewer, mkbase, base, buildkit, buildkitVersion string
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) > 0 && args[0] == "worker" {
		return layer.Run(ctx, args[1:], stdout)
	}
	var o options
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.IntVar(&o.rounds, "rounds", 3, "how often everything is measured")
	set.StringVar(&o.parts, "parts", "layers,runs", "what is measured")
	set.StringVar(&o.page, "page", "", "page to write the result into")
	set.StringVar(&o.wheels, "wheels", "", "folder of wheels")
	set.StringVar(&o.small, "small", "", "list of wheels: small files")
	set.StringVar(&o.native, "native", "", "list of wheels: native code")
	set.StringVar(&o.image, "image", "", "list of wheels: an image")
	set.StringVar(&o.newer, "newer", "", "this program, built with the newer Go")
	set.StringVar(&o.layerpack, "layerpack", "", "layerpack")
	set.StringVar(&o.craneOlder, "crane", "", "crane")
	set.StringVar(&o.craneNewer, "crane-newer", "", "crane, built with the newer Go")
	set.StringVar(&o.mkbase, "mkbase", "", "e2e/mkbase")
	set.StringVar(&o.base, "base", "", "OCI layout of the base")
	set.StringVar(&o.buildkit, "buildkit", "", "folder of buildkitd and buildctl")
	set.StringVar(&o.buildkitVersion, "buildkit-version", "", "their version")
	if err := set.Parse(args); err != nil {
		return err
	}
	if o.rounds < 1 {
		return errors.New("-rounds must be 1 or more")
	}
	report := newReport(o.rounds, runtime.Version())
	say := func(line string) { fmt.Fprintln(stderr, "bench:", line) }
	for part := range strings.SplitSeq(o.parts, ",") {
		var text string
		var err error
		switch part {
		case "layers":
			text, err = o.layers(ctx, say)
		case "runs":
			text, err = o.runs(ctx, say)
		default:
			err = fmt.Errorf("no part %q: layers, runs", part)
		}
		if err != nil {
			return err
		}
		report.add(part, text)
	}
	fmt.Fprint(stdout, report.sections())
	if o.page == "" {
		return nil
	}
	return report.write(o.page)
}
