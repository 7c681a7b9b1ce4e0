package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/layerpack/layerpack/pkg/assemble"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// projectRule is the rule of what internal/prefect finds in a prefect.yaml.
const projectRule = "prefect-yaml"

// check looks whether the flows of the project could run in the image that a build with the same words would make. Findings
// are its result, so they go to stdout.
func (c *command) check(ctx context.Context, args []string) error {
	set, f := newBuildFlags("check")
	if err := c.parse(set, args); err != nil {
		return err
	}
	f.dryRun = true // no file of a result is written
	if f.deployments {
		return usagef("check: --deployments is for builds; check looks at the deployments of prefect.yaml anyway")
	}
	b, host, done, err := c.prepare(ctx, f, set)
	if err != nil {
		return err
	}
	defer done()
	found, err := assemble.Check(ctx, b, host)
	if err != nil {
		return err
	}
	done()
	return c.reportFindings(append(projectFindings(b), found...), f.json)
}

// reportFindings prints findings, and refuses where one is an error.
func (c *command) reportFindings(found []assemble.Finding, asJSON bool) error {
	err := c.tell(asJSON, append([]assemble.Finding{}, found...), func(w io.Writer) {
		for _, f := range found {
			fmt.Fprintln(w, f)
		}
	})
	if err != nil {
		return err
	}
	wrong := func(f assemble.Finding) bool { return f.Severity == assemble.SeverityError }
	if slices.ContainsFunc(found, wrong) {
		return refusal.New("check", "errors were found: what stands on stdout would fail in the container", "mend it")
	}
	return nil
}

// projectFindings are what cannot work in the project's prefect.yaml.
func projectFindings(b *assemble.Build) []assemble.Finding {
	if b.Flows.Project == nil || b.Edits.WorkingDir == "" {
		return nil
	}
	var out []assemble.Finding
	for _, p := range b.Flows.Project.Findings(assemble.LayoutOf(b)) {
		one := assemble.Finding{
			Rule: projectRule, Severity: assemble.SeverityError, Subject: fmt.Sprintf("%s, line %d: %s", prefectFile, p.Line, p.What), Cause: p.Why, Fix: p.Fix,
		}
		if p.Warning {
			one.Severity = assemble.SeverityWarning
		}
		out = append(out, one)
	}
	return out
}
