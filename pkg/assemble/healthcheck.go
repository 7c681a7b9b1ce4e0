package assemble

import (
	"context"
	"fmt"
	"strings"

	"github.com/layerpack/layerpack/internal/check"
)

// Finding is something that would fail in the container, or may.
type Finding struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"` // error or warning
	Subject  string `json:"subject"`  // what it is about: a wheel, a path of the image, a line of a file
	Cause    string `json:"cause"`    // why it fails when a flow runs
	Fix      string `json:"fix,omitempty"`
	// Platforms are those of a build of several that it is so of; none where it is so of all.
	Platforms []string `json:"platforms,omitempty"`
}

// The severities of findings.
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
)

func (f Finding) String() string {
	subject := f.Subject
	if len(f.Platforms) > 0 {
		subject = strings.Join(f.Platforms, ", ") + ": " + subject
	}
	text := fmt.Sprintf("%s: %s: %s", f.Severity, subject, f.Cause)
	if f.Fix != "" {
		text += "; " + f.Fix
	}
	return text
}

// Check finds what would fail in the container, builds nothing and sends nothing. What cannot be planned at all is an
// error; findings are in the order in which a build looks for them.
func Check(ctx context.Context, b *Build, h Host) ([]Finding, error) {
	r, err := newRun(b, h)
	if err != nil {
		return nil, err
	}
	defer r.tidy()
	j, err := r.plan(ctx)
	if err != nil {
		return nil, err
	}
	defer j.close()
	j.blobs()
	var out []Finding
	for _, look := range []func(*planned) ([]check.Finding, error){
		func(p *planned) ([]check.Finding, error) { return p.run.closure(p), nil },
		func(p *planned) ([]check.Finding, error) { return p.run.nativeFindings(ctx, p, p.blobs) },
		func(p *planned) ([]check.Finding, error) { return p.run.flowFindings(ctx, p, p.blobs) },
	} {
		all, err := j.findings(look)
		if err != nil {
			return nil, err
		}
		for _, f := range all {
			one := Finding{Rule: string(f.Rule), Severity: SeverityError, Subject: f.Subject, Cause: f.Cause, Fix: f.Fix, Platforms: f.platforms}
			if f.Warning {
				one.Severity = SeverityWarning
			}
			out = append(out, one)
		}
	}
	return out, nil
}
