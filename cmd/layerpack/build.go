package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/push"
	"github.com/layerpack/layerpack/pkg/assemble"
)

// buildFlags are the words of build and plan.
type buildFlags struct {
	assemble.Flags
	entrypoint, cmd []string
	dryRun          bool
	json            bool
	print           string
	digestFile      string
	metadataFile    string
	packages        packageFlags
	packageHost     assemble.PackageHost
	common          commonFlags
	// ignoreHealthchecks builds though runs of the flows would fail.
	ignoreHealthchecks bool
	python             string
	noPrefect          bool
	prefectYAML        []byte // the project's; nil where there is none
	unread             error  // why it cannot be read whole
	deployments        bool   // all images that the deployments of prefect.yaml need
}

func (f *buildFlags) register(set *pflag.FlagSet) {
	list := func(p *[]string, name, usage string) { set.StringArrayVar(p, name, nil, usage) }
	set.StringVar(&f.Base, "base", "", "image to build on: `REF` of a registry, or oci:DIR[:TAG]; prefect, or nothing, is Prefect's own image for the project's Prefect and Python")
	registerPython(set, &f.python)
	set.StringSliceVar(&f.Platforms, "platform", nil, "`OS/ARCH[/VARIANT]` of the image, or all that the base has; several make an index of an image for each (default linux/amd64)")
	list(&f.Sources, "source", "`SRC[:DST]`: a folder of the project (default .:/opt/prefect/<name>); the first becomes working directory and goes on PYTHONPATH")
	set.BoolVar(&f.NoSource, "no-source", false, "no source at all")
	set.StringVar(&f.Name, "name", "", "`NAME` of the project's folder below /opt/prefect")
	list(&f.Files, "file", "`SRC:DST`: a file or folder to put anywhere")
	list(&f.Wheels, "wheels", "`PATH` of a wheel or a folder of wheels to install")
	f.packages.register(set)
	list(&f.Env, "env", "`K=V` to set, literally")
	list(&f.EnvFiles, "env-file", "`FILE` of K=V lines")
	list(&f.PythonPath, "pythonpath", "`DIR` to put in front of PYTHONPATH")
	set.StringVar(&f.WorkDir, "workdir", "", "working `DIR` of the container")
	set.StringVar(&f.User, "user", "", "`U[:G]` that the container runs as")
	list(&f.Labels, "label", "`K=V` label of the image")
	list(&f.Annotations, "annotation", "`K=V` annotation of the manifest")
	list(&f.entrypoint, "entrypoint", "`WORD` of the entrypoint, once for each, or one JSON list; clears the base's command")
	list(&f.cmd, "cmd", "`WORD` of the command, once for each, or one JSON list")
	set.StringArrayVarP(&f.Tags, "tag", "t", nil, "`REF` to push to; without a tag part it gets the build's unique tag")
	set.StringVar(&f.TagScheme, "tag-scheme", "", "tags of a -t without one: prefect for Prefect's family, or `PATTERN,...` of {version} {minor} {python} {revision} {sha} {branch} {name} {unique}")
	set.StringArrayVarP(&f.Outputs, "output", "o", nil, "`oci:DIR[:TAG]` to write (default oci:layerpack.oci where nothing is pushed)")
	set.BoolVar(&f.StrictRecord, "strict-record", false, "refuse wheels whose RECORD misses a file or has one too many")
	set.StringVar(&f.Install.Target, "target", "", "`DIR` of the image to install wheels into, beside the base's own, on PYTHONPATH")
	set.BoolVar(&f.Install.NoDeps, "no-deps", false, "install what is named and not what that needs, and do not check the requirements of the result")
	set.StringArrayVar(&f.Install.AllowMissingLib, "allow-missing-lib", nil, "`GLOB` of shared libraries that may be missing")
	set.BoolVar(&f.Install.AllowConflicts, "allow-conflicts", false, "where two wheels bring a file, take the later one's")
	set.StringArrayVar(&f.Install.AllowNoRecord, "allow-no-record", nil, "`NAME` of a distribution of the base to replace though it lists no files")
	set.BoolVar(&f.Install.BreakSystemPackages, "break-system-packages", false, "install into a Python that its distribution manages")
	set.StringVar(&f.Compression, "compression", "gzip", "how new layers are compressed: `gzip|estargz|zstd`")
	set.StringVar(&f.Prioritize, "prioritize", "", "`FILE` that lists paths of the image, one a line, to put first into eStargz layers")
	set.StringVar(&f.MaxLayerSize, "max-layer-size", "", "`SIZE` that a layer of wheels may have, as in 500MB or 2GiB: larger ones are divided (default: any size)")
	set.StringVar(&f.CacheRepo, "cache-repo", "", "`REF` of the repository that keeps what later builds can take over, or none (default: that of the first -t)")
	set.StringArrayVar(&f.CacheFrom, "cache-from", nil, "`REF` of an image whose layers may be taken over")
	set.StringVar(&f.Verify, "verify", "fast", "how blobs that are there already are checked: `fast|full`; full reads all of them")
	set.BoolVar(&f.noPrefect, "no-prefect", false, "do not install Prefect where the base has none")
	set.BoolVar(&f.ignoreHealthchecks, "ignore-healthchecks", false, "do not look whether the flows of the project could run in the image")
	set.BoolVar(&f.deployments, "deployments", false, "build every image that the deployments of prefect.yaml get from layerpack, each once; other flags are added to its step's own")
	set.BoolVar(&f.dryRun, "dry-run", false, "say what would be done, build nothing (the same as plan)")
	set.BoolVar(&f.json, "json", false, "print one JSON document instead of the reference")
	set.StringVar(&f.print, "print", "tag", "print the reference by `tag|digest`")
	set.StringVar(&f.digestFile, "digest-file", "", "write the image's digest to `FILE`")
	set.StringVar(&f.metadataFile, "metadata-file", "", "write the JSON document to `FILE`")
	set.StringVar(&f.Expect, "expect", "", "refuse to tag an image of another `DIGEST` than this (exit code 3)")
	f.common.register(set)
}

// flags completes what the parser left: what was given at all, and what the host says.
func (f *buildFlags) complete(c *command, set *pflag.FlagSet) error {
	if set.Changed("entrypoint") {
		f.Entrypoint = &f.entrypoint
	}
	if set.Changed("cmd") {
		f.Cmd = &f.cmd
	}
	switch {
	case f.print != "tag" && f.print != "digest":
		return usagef("--print %s: write tag or digest", f.print)
	case f.print == "digest" && f.dryRun && !f.json:
		return usagef("--print digest: the digest is not known before the image is built; leave --dry-run out")
	}
	if err := f.checkResultFiles(); err != nil {
		return err
	}
	var err error
	if f.Dir, err = projectDir(); err != nil {
		return err
	}
	f.SourceDateEpoch, f.NoCache = c.env["SOURCE_DATE_EPOCH"], f.common.noCache
	if f.Packages, f.packageHost, err = f.packages.complete(c, set); err != nil {
		return err
	}
	if f.prefectYAML, err = projectText(f.Dir); err != nil {
		return err
	}
	if err := f.projectName(); err != nil {
		return err
	}
	f.readProject()
	f.prefect()
	return nil
}

// checkResultFiles refuses result files that cannot be written, before anything is pushed.
func (f *buildFlags) checkResultFiles() error {
	for _, path := range []string{f.digestFile, f.metadataFile} {
		if path == "" || f.dryRun {
			continue
		}
		if err := push.CheckFile(path); err != nil {
			return err
		}
	}
	return nil
}

func newBuildFlags(verb string) (*pflag.FlagSet, *buildFlags) {
	f := &buildFlags{}
	set := pflag.NewFlagSet(verb, pflag.ContinueOnError)
	f.register(set)
	return set, f
}

func (c *command) build(ctx context.Context, args []string) error {
	return c.buildOrPlan(ctx, "build", args, false)
}

func (c *command) plan(ctx context.Context, args []string) error {
	return c.buildOrPlan(ctx, "plan", args, true)
}

func (c *command) buildOrPlan(ctx context.Context, name string, args []string, dry bool) error {
	set, f := newBuildFlags(name)
	if err := c.parse(set, args); err != nil {
		return err
	}
	f.dryRun = f.dryRun || dry
	if f.dryRun && f.Expect != "" {
		return usagef("--expect: the digest is known when the image is built; plan builds nothing")
	}
	if f.deployments {
		return c.buildDeployments(ctx, f, set, args)
	}
	res, err := c.work(ctx, f, set)
	if err != nil {
		return err
	}
	return c.answer(f, res)
}

// work builds or plans one image.
func (c *command) work(ctx context.Context, f *buildFlags, set *pflag.FlagSet) (*assemble.Result, error) {
	b, host, done, err := c.prepare(ctx, f, set)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := f.checkProject(b, host.Progress); err != nil {
		return nil, err
	}
	if f.dryRun {
		return assemble.Plan(ctx, b, host)
	}
	return assemble.Run(ctx, b, host)
}

// prepare makes a build of the words, and what it may use of the machine. done ends the display of progress.
func (c *command) prepare(ctx context.Context, f *buildFlags, set *pflag.FlagSet) (b *assemble.Build, host assemble.Host, done func(), err error) {
	if err := f.complete(c, set); err != nil {
		return nil, host, nil, err
	}
	host, end, err := c.host(&f.common, f.Tags...)
	if err != nil {
		return nil, host, nil, err
	}
	defer func() {
		if err != nil {
			end()
		}
	}()
	host.Packages = f.packageHost
	if f.Base, err = inferBase(ctx, f.Flags, f.python, host); err != nil {
		return nil, host, nil, err
	}
	if f.unread != nil {
		host.Progress.Send(progress.Event{Kind: progress.Warning, Text: fmt.Sprintf("prefect.yaml is not checked: %v", f.unread)})
	}
	if b, err = assemble.NewBuild(f.Flags); err != nil {
		return nil, host, nil, err
	}
	host.Exclude = append([]string{f.digestFile, f.metadataFile, f.common.caFile}, outputFiles(c.stdout, c.stderr)...)
	host.Stdin = c.stdin
	return b, host, end, nil
}

// answer prints the result: on stdout what was asked for and nothing else.
func (c *command) answer(f *buildFlags, res *assemble.Result) error {
	if err := c.keep(f, res); err != nil {
		return err
	}
	line := f.line(res) + "\n"
	if f.json {
		document, err := asDocument(res)
		if err != nil {
			return err
		}
		line = string(document)
	}
	if _, err := io.WriteString(c.stdout, line); err != nil {
		return fmt.Errorf("writing the result to stdout: %w", err)
	}
	return nil
}

// keep writes what the result is to leave in files, and shows the table of a plan.
func (c *command) keep(f *buildFlags, res *assemble.Result) error {
	if f.dryRun {
		if !f.common.quiet {
			table(c.stderr, res)
		}
		return nil
	}
	if f.digestFile != "" {
		if err := push.File(f.digestFile, []byte(res.Digest)); err != nil {
			return err
		}
	}
	if f.metadataFile == "" {
		return nil
	}
	document, err := asDocument(res)
	if err != nil {
		return err
	}
	return push.File(f.metadataFile, document)
}

// asDocument is the JSON of a result.
func asDocument(res *assemble.Result) ([]byte, error) {
	document, err := json.MarshalIndent(res, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the result: %w", err)
	}
	return append(document, '\n'), nil
}

// line is the image's reference in the form that was asked for.
func (f *buildFlags) line(res *assemble.Result) string {
	if f.print == "digest" {
		return res.DigestReference()
	}
	return res.Reference
}
