package assemble

import (
	"context"
	"fmt"

	"github.com/layerpack/layerpack/internal/check"
)

// Finding is something that would fail in the container, or may.
type Finding struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"` // error or warning
	Subject  string `json:"subject"`  // what it is about: a wheel, a path of the image, a line of a file
	Cause    string `json:"cause"`    // why it fails when a flow runs
	Fix      string `json:"fix,omitempty"`
}

// The severities of findings.
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
)

func (f Finding) String() string {
	text := fmt.Sprintf("%s: %s: %s", f.Severity, f.Subject, f.Cause)
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
	p, err := r.plan(ctx)
	if err != nil {
		return nil, err
	}
	defer p.inputs.close()
	blobs := r.blobs(p)
	var all []check.Finding
	if python := p.base.profile.Python; python != nil {
		all = r.closure(p, python)
	}
	native, err := r.nativeFindings(ctx, p, blobs)
	if err != nil {
		return nil, err
	}
	flows, err := r.flowFindings(ctx, p, blobs)
	if err != nil {
		return nil, err
	}
	var out []Finding
	for _, f := range append(append(all, native...), flows...) {
		one := Finding{Rule: string(f.Rule), Severity: SeverityError, Subject: f.Subject, Cause: f.Cause, Fix: f.Fix}
		if f.Warning {
			one.Severity = SeverityWarning
		}
		out = append(out, one)
	}
	return out, nil
}
