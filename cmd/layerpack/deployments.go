package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

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
// and sent once. On stdout stands a reference for each, or one document.
func (c *command) buildDeployments(ctx context.Context, f *buildFlags, args []string) error {
	if f.digestFile != "" || f.metadataFile != "" {
		return usagef("--deployments builds several images: --json lists them; --digest-file and --metadata-file are for one")
	}
	orders, err := c.orders()
	if err != nil {
		return err
	}
	mine := slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "--deployments" || a == "--deployments=true" })
	var all []deployed
	var lines strings.Builder
	for _, o := range orders {
		one := &command{env: o.env, stdin: c.stdin, stdout: c.stdout, stderr: c.stderr}
		set, flags := newBuildFlags("build")
		if err := one.parse(set, slices.Concat(o.args, mine)); err != nil {
			return fmt.Errorf("prefect.yaml, %s: %w", o.titles, err)
		}
		flags.dryRun = f.dryRun
		res, err := one.work(ctx, flags, set)
		if err != nil {
			return fmt.Errorf("prefect.yaml, %s: %w", o.titles, err)
		}
		if f.dryRun && !flags.common.quiet {
			table(c.stderr, res)
		}
		all = append(all, deployed{o.deployments, res})
		if flags.print == "digest" {
			lines.WriteString(res.DigestReference() + "\n")
		} else {
			lines.WriteString(res.Reference + "\n")
		}
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
	if dir := image.Step.Input("directory"); dir.Text != "" && dir.Text != "." {
		return o, refusal.New(fmt.Sprintf("line %d", dir.Line), "its step runs in another folder, "+dir.Text, "run layerpack --deployments there")
	}
	if d, ok := image.Step.Docker(); ok {
		if _, cannot := d.Layerpack(); len(cannot) > 0 {
			return o, refusal.New(fmt.Sprintf("line %d", image.Step.Line), "build_docker_image does what layerpack does not: "+strings.Join(cannot, "; "),
				"see what remains for a base image, and write the step with layerpack init --replace")
		}
	}
	for _, v := range image.Step.Map("env") {
		value, err := c.fill(v.Value.Text)
		if err != nil {
			return o, err
		}
		o.env[v.Name] = value
	}
	for _, word := range image.Args {
		value, err := c.fill(word)
		if err != nil {
			return o, err
		}
		o.args = append(o.args, value)
	}
	return o, nil
}

func (c *command) fill(text string) (string, error) {
	out, left := prefect.Expand(text, c.variable)
	if len(left) > 0 {
		return "", refusal.New(left[0].Text, "Prefect alone can fill it in, or the variable is not set",
			"set the variable, or run the step by prefect deploy")
	}
	return out, nil
}
