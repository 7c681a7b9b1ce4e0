package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/layerpack/layerpack/internal/prefect"
	"github.com/layerpack/layerpack/internal/push"
	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/pkg/assemble"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// initFlags are the words of init.
type initFlags struct {
	base, tag, id, pull string
	env                 []string
	replace, dryRun     bool
	options             prefect.InitOptions
}

// initialize writes the build step into the project's prefect.yaml. What stands behind -- goes to the step as it is.
func (c *command) initialize(_ context.Context, args []string) error {
	var f initFlags
	var more []string
	if i := slices.Index(args, "--"); i >= 0 {
		args, more = args[:i], args[i+1:]
	}
	set := pflag.NewFlagSet("init", pflag.ContinueOnError)
	set.StringVar(&f.base, "base", "", "image to build on: `REF`, as the step will name it (default: the step infers it from the project)")
	set.StringVarP(&f.tag, "tag", "t", "", "`REF` to push to, as the step will name it; {{ $NAME }} in it is filled in by Prefect")
	set.StringArrayVar(&f.options.Deployments, "deployment", nil, "`NAME` of a deployment that is to run in the image")
	set.BoolVar(&f.options.All, "all", false, "let every deployment run in the image")
	set.BoolVar(&f.replace, "replace", false, "put the step in the place of build_docker_image, and take push_docker_image out")
	set.StringVar(&f.pull, "pull", "", "absolute `DIR` that set_working_directory names where the file has no pull step (default: where the source goes)")
	set.StringVar(&f.id, "id", "", "`NAME` by which the file speaks of the step (default build-image)")
	set.StringArrayVar(&f.env, "env", nil, "`K=V` in the step's environment, as in LAYERPACK_PASSWORD={{ prefect.blocks.secret.registry }}")
	set.BoolVar(&f.dryRun, "dry-run", false, "print the file as it would be, and write nothing")
	if err := c.parse(set, args); err != nil {
		return err
	}
	if err := f.complete(more); err != nil {
		return err
	}
	dir, err := projectDir()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, prefectFile)
	text, err := source.ReadFile(path, maxPrefectYAML)
	if errors.Is(err, fs.ErrNotExist) {
		return f.withoutFile()
	}
	if err != nil {
		return err
	}
	if err := f.place(text); err != nil {
		return err
	}
	f.options.Note = func(text string) { fmt.Fprintf(c.stderr, "layerpack: note: %s\n", text) }
	written, err := prefect.Init(text, f.options)
	if wrong := new(*prefect.OptionError); errors.As(err, wrong) {
		return usagef("init: %w", err)
	}
	if err != nil {
		return err
	}
	said := "prefect.yaml: the step is written; to deploy: prefect --no-prompt deploy --all"
	switch {
	case f.dryRun:
		if _, err := c.stdout.Write(written); err != nil {
			return fmt.Errorf("writing to stdout: %w", err)
		}
		said = ""
	case slices.Equal(text, written):
		said = "prefect.yaml has all of it already"
	default:
		if err := push.File(path, written); err != nil {
			return err
		}
	}
	found := f.findings(written)
	for _, one := range found {
		fmt.Fprintln(c.stderr, one)
	}
	if said != "" && slices.ContainsFunc(found, func(one assemble.Finding) bool { return one.Severity == assemble.SeverityError }) {
		said += "; mend what is said above first"
	}
	if said != "" {
		fmt.Fprintln(c.stderr, said)
	}
	return nil
}

// findings are what the file as it is now has against the image of its step: prefect init leaves lines that hold on the
// machine it ran on alone. What cannot be judged before a build is told by the build.
func (f *initFlags) findings(text []byte) []assemble.Finding {
	file, err := prefect.Read(text)
	if err != nil {
		return nil
	}
	images := file.Images()
	i := slices.IndexFunc(images, func(image prefect.Image) bool { return image.Origin == prefect.ByCommand })
	if i < 0 {
		return nil
	}
	build, err := f.flags(images[i].Args, text)
	if err != nil {
		return nil
	}
	b, err := assemble.NewBuild(build)
	if err != nil {
		return nil
	}
	b.Flows.Project = file
	return projectFindings(b)
}

const prefectFile = "prefect.yaml"

// complete turns the words into what Init takes.
func (f *initFlags) complete(more []string) error {
	f.options.ID, f.options.Replace, f.options.Pull = f.id, f.replace, f.pull
	for _, kv := range f.env {
		name, value, ok := strings.Cut(kv, "=")
		if !ok || name == "" {
			return usagef("--env %s: write K=V", name)
		}
		f.options.Env = append(f.options.Env, prefect.Variable{Name: name, Value: prefect.Value{Text: value}})
	}
	if f.base == "" && f.tag == "" && len(more) == 0 {
		return nil // a step that is there already
	}
	if f.tag == "" {
		return usagef("init: name --tag, to which the step pushes; further words for the step stand behind --")
	}
	if f.base != "" {
		f.options.Command = []string{"--base", f.base}
	}
	f.options.Command = slices.Concat(f.options.Command, []string{"--tag", f.tag}, more)
	return nil
}

// place says where the image holds the project, for the pull step.
func (f *initFlags) place(text []byte) error {
	if len(f.options.Command) == 0 {
		return nil
	}
	build, err := f.flags(f.options.Command, text)
	if err != nil || f.pull != "" {
		return err
	}
	b, err := assemble.NewBuild(build)
	if err != nil {
		return err
	}
	f.options.Pull = b.Edits.WorkingDir
	return nil
}

// flags are a step's own words as the build will understand them; templates in them are Prefect's to fill in.
func (f *initFlags) flags(words []string, text []byte) (assemble.Flags, error) {
	set, b := newBuildFlags("init")
	if err := set.Parse(standIns(words)); err != nil {
		return b.Flags, usagef("the step's words: %w", err)
	}
	if set.NArg() > 0 {
		return b.Flags, usagef("the step's words: %q is no flag; layerpack takes flags alone", set.Arg(0))
	}
	if b.json || b.dryRun || b.deployments {
		return b.Flags, usagef("the step's words: its stdout has to be the image's reference alone: leave --json, --dry-run and --deployments out")
	}
	if b.Base == "" {
		b.Base = assemble.PrefectBase // the step will infer it
	}
	var err error
	if b.Dir, err = projectDir(); err != nil {
		return b.Flags, err
	}
	if b.ProjectName, err = prefect.ProjectName(text); err != nil {
		return b.Flags, &refusal.Error{Input: prefectFile, Cause: "cannot be understood", Err: err, Fix: "mend it"}
	}
	return b.Flags, nil
}

// standIns puts a text in the place of each template that most flags could have there.
func standIns(words []string) []string {
	out := slices.Clone(words)
	for i, w := range out {
		text := "x"
		switch flag, _, _ := strings.Cut(w, "="); {
		case i > 0 && out[i-1] == "--platform" || flag == "--platform":
			text = "linux/amd64"
		case i > 0 && out[i-1] == "--max-layer-size" || flag == "--max-layer-size":
			text = "1GB"
		}
		for _, p := range (prefect.Value{Text: w}).Placeholders() {
			out[i] = strings.ReplaceAll(out[i], p.Text, text)
		}
	}
	return out
}

// withoutFile is for a project that has no prefect.yaml yet.
func (f *initFlags) withoutFile() error {
	if len(f.options.Command) == 0 {
		return refusal.New(prefectFile, "there is none here", "run prefect init first, or say --tag to see the step")
	}
	step, err := prefect.Snippet(f.options)
	if err != nil {
		return err
	}
	return refusal.New(prefectFile, "there is none here", "run prefect init first, then this again; or write one with this step:\n"+step)
}
