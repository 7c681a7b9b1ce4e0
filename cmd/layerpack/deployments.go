package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/layerpack/layerpack/internal/prefect"
	"github.com/layerpack/layerpack/pkg/assemble"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// deployed is one image and who runs in it, for --json.
type deployed struct {
	Deployments []string         `json:"deployments"`
	Image       *assemble.Result `json:"image"`
}

// order is one image that is to be built.
type order struct {
	deployments []string
	titles      string
	args        []string
	env         map[string]string
}

// buildDeployments builds each image that the deployments of prefect.yaml need, one after the other: what they share is built
// and sent once. All are looked at before the first is pushed. On stdout stands a reference for each, or one document.
func (c *command) buildDeployments(ctx context.Context, f *buildFlags, set *pflag.FlagSet, args []string) error {
	orders, err := c.orders()
	if err != nil {
		return err
	}
	if len(orders) > 1 {
		for _, name := range []string{"tag", "output", "digest-file", "metadata-file", "expect"} {
			if set.Changed(name) {
				return usagef("--deployments builds %d images, and --%s names a place for one: leave it to the steps of prefect.yaml; --json lists what is built", len(orders), name)
			}
		}
	}
	mine := slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "--deployments" || a == "--deployments=true" })
	if len(orders) > 1 && !f.dryRun {
		if err := c.foresee(ctx, orders, mine); err != nil {
			return err
		}
	}
	var all []deployed
	var lines strings.Builder
	for _, o := range orders {
		one, flags, set, err := c.ordered(o, mine, c.stderr)
		if err != nil {
			return err
		}
		flags.dryRun = f.dryRun
		res, err := one.work(ctx, flags, set)
		if err == nil {
			err = one.keep(flags, res)
		}
		if err != nil {
			return fmt.Errorf("prefect.yaml, %s: %w", o.titles, err)
		}
		all = append(all, deployed{o.deployments, res})
		lines.WriteString(flags.line(res) + "\n")
	}
	out := lines.String()
	if f.json {
		document, err := json.MarshalIndent(all, "", "  ")
		if err != nil {
			return fmt.Errorf("writing the result: %w", err)
		}
		out = string(document) + "\n"
	}
	if _, err := io.WriteString(c.stdout, out); err != nil {
		return fmt.Errorf("writing the result to stdout: %w", err)
	}
	return nil
}

// ordered is the command of one image, with its words.
func (c *command) ordered(o order, mine []string, stderr io.Writer) (*command, *buildFlags, *pflag.FlagSet, error) {
	one := &command{env: o.env, stdin: c.stdin, stdout: c.stdout, stderr: stderr}
	set, flags := newBuildFlags("build")
	if err := one.parse(set, slices.Concat(o.args, mine)); err != nil {
		return nil, nil, nil, fmt.Errorf("prefect.yaml, %s: %w", o.titles, err)
	}
	return one, flags, set, nil
}

// foresee plans all images, so that what would refuse one of them is known before another is pushed.
func (c *command) foresee(ctx context.Context, orders []order, mine []string) error {
	places := map[string]string{} // who writes there
	for _, o := range orders {
		one, flags, set, err := c.ordered(o, mine, io.Discard)
		if err != nil {
			return err
		}
		there := slices.Concat(flags.Tags, flags.Outputs)
		if len(there) == 0 {
			there = []string{"the folder layerpack.oci"}
		}
		for _, place := range there {
			// Without a tag part the tag is made of the content.
			fixed := !slices.Contains(flags.Tags, place) || strings.Contains(path.Base(place), ":")
			if before, ok := places[place]; ok && fixed {
				return refusal.New("prefect.yaml, "+o.titles, fmt.Sprintf("its image goes to %s, as that of %s does", place, before), "write another -t into one of the steps")
			}
			places[place] = o.titles
		}
		flags.dryRun, flags.print = true, "tag"
		if _, err := one.work(ctx, flags, set); err != nil {
			return fmt.Errorf("prefect.yaml, %s: %w", o.titles, err)
		}
	}
	return nil
}

// orders reads from prefect.yaml which images are to be built.
func (c *command) orders() ([]order, error) {
	dir, err := projectDir()
	if err != nil {
		return nil, err
	}
	text, err := projectText(dir)
	if err != nil {
		return nil, err
	}
	if text == nil {
		return nil, refusal.New(prefectFile, "there is none here", "run in the folder of the project, or leave --deployments out")
	}
	file, err := prefect.Read(text)
	if err != nil {
		return nil, err
	}
	var out []order
	for _, image := range file.Images() {
		var names, titles []string
		for _, i := range image.Deployments {
			names = append(names, file.Deployments[i].Name.Text)
			titles = append(titles, file.Deployments[i].Title())
		}
		title := strings.Join(titles, ", ")
		switch image.Origin {
		case prefect.ByCommand, prefect.ByDocker:
			o, err := c.order(image)
			if err != nil {
				return nil, fmt.Errorf("prefect.yaml, %s: %w", title, err)
			}
			o.deployments, o.titles = names, title
			out = append(out, o)
		default:
			fmt.Fprintf(c.stderr, "prefect.yaml, %s: its image (%s) is not built here\n", title, image.Origin)
		}
	}
	if len(out) == 0 {
		return nil, refusal.New(prefectFile, "no deployment gets its image from layerpack", "write the step with layerpack init, or leave --deployments out")
	}
	return out, nil
}

// order fills in what the environment says, as Prefect would. Values of blocks and variables of its server it alone has.
func (c *command) order(image prefect.Image) (order, error) {
	o := order{env: maps.Clone(c.env)}
	at := fmt.Sprintf("line %d", image.Step.Line)
	if dir := image.Step.Input("directory"); dir.Text != "" && path.Clean(dir.Text) != "." {
		return o, refusal.New(fmt.Sprintf("line %d", dir.Line), "its step runs in another folder, "+dir.Text, "run layerpack --deployments there")
	}
	if d, ok := image.Step.Docker(); ok {
		if _, cannot := d.Layerpack(); len(cannot) > 0 {
			return o, refusal.New(at, "build_docker_image does what layerpack does not: "+strings.Join(cannot, "; "),
				"write a step that runs layerpack in its place")
		}
		for _, word := range image.Args {
			value, left := prefect.Expand(word, c.variable)
			if err := unfilled(left); err != nil {
				return o, err
			}
			o.args = append(o.args, value)
		}
		return o, nil
	}
	filled, left, err := image.Step.Fill(c.variable)
	if err := unfilled(left); err != nil {
		return o, err
	}
	if err != nil {
		return o, &refusal.Error{Input: at, Cause: "the step cannot be run here", Err: err, Fix: "give layerpack a step of its own, or let prefect deploy run it"}
	}
	if slices.Contains(filled.Args, "--dry-run") {
		return o, refusal.New(at, "its step says --dry-run, so it makes no image", "take it out")
	}
	o.args = filled.Args
	maps.Copy(o.env, filled.Env)
	return o, nil
}

func unfilled(left []prefect.Placeholder) error {
	if len(left) == 0 {
		return nil
	}
	fix := "set the variable"
	if left[0].Kind != prefect.EnvironmentOf {
		fix = "run the step by prefect deploy; a variable of the step's env is taken from the environment where that has one of its name"
	}
	return refusal.New(left[0].Text, "Prefect alone can fill it in, or the variable is not set", fix)
}
