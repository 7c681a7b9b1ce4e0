package assemble

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// heard takes down what it is sent.
type heard []string

func (h *heard) Send(e Event) { *h = append(*h, fmt.Sprintf("%s %s", e.Kind, e.Text)) }

var three = []v1.Platform{{OS: "linux", Architecture: "amd64"}, {OS: "linux", Architecture: "arm64"}, {OS: "linux", Architecture: "s390x"}}

// TestChoir: what is said of all images is said once, what is said of some with their platforms, and what is done at once.
func TestChoir(t *testing.T) {
	var out heard
	c := newChoir(&out, three)
	note := func(i int, text string) { c.voices[i].Send(Event{Kind: progress.Note, Text: text}) }
	for i := range three {
		note(i, "of all")
		if i != 1 {
			note(i, "of two")
		}
		c.voices[i].Send(Event{Kind: progress.Step, Text: "done"})
	}
	note(2, "of one")
	c.voices[1].Send(Event{Kind: progress.Warning, Text: "of one"})
	c.voices[0].Send(Event{Kind: progress.Bytes, Item: "x"})
	c.flush()
	c.flush()
	note(1, "of all")
	c.flush()
	want := heard{
		"step linux/amd64: done", "step linux/arm64: done", "step linux/s390x: done", "bytes ",
		"note of all", "note linux/amd64, linux/s390x: of two", "warning linux/arm64: of one", "note linux/s390x: of one",
		"note linux/arm64: of all",
	}
	if !slices.Equal(out, want) {
		t.Errorf("%q\nwant %q", out, want)
	}
	(*choir)(nil).flush() // of one image
}

func jobOf(platforms []v1.Platform) *job {
	j := &job{run: &run{host: Host{Progress: progress.Discard{}}}}
	for _, p := range platforms {
		one := &run{platform: p.String()}
		if len(platforms) == 1 {
			one.platform = ""
		}
		j.images = append(j.images, &planned{run: one, platform: p})
	}
	return j
}

// TestRefused: a refusal names the platform, one of all images is said once, and nothing else stops being what it was.
func TestRefused(t *testing.T) {
	no := func(text string) error { return refusal.New("x", text, "") }
	for _, c := range []struct {
		given []error
		want  string
	}{
		{[]error{nil, nil, nil}, ""},
		{[]error{no("a"), no("a"), no("a")}, "x: a"},
		{[]error{nil, no("a"), nil}, "linux/arm64: x: a"},
		{[]error{no("a"), no("b"), no("a")}, "linux/amd64: x: a\nlinux/arm64: x: b\nlinux/s390x: x: a"},
		{[]error{no("a")}, "x: a"},
	} {
		j := jobOf(three[:len(c.given)])
		err := j.inTurn(func(i int, _ *planned) error { return c.given[i] })
		if got := strings.TrimPrefix(fmt.Sprint(err), "<nil>"); got != c.want || c.want != "" && !refusal.Is(err) {
			t.Errorf("%v: %q, want %q", c.given, got, c.want)
		}
	}
	network := errors.New("no network")
	j, asked := jobOf(three), 0
	err := j.inTurn(func(i int, _ *planned) error {
		asked++
		return []error{no("a"), network, nil}[i]
	})
	if !errors.Is(err, network) || refusal.Is(err) || err.Error() != "linux/arm64: no network" || asked != 2 {
		t.Errorf("%v after %d", err, asked)
	}
}

// TestFindings: so do findings.
func TestFindings(t *testing.T) {
	f := func(s string) check.Finding { return check.Finding{Subject: s, Cause: "bad"} }
	all := [][]check.Finding{{f("a"), f("b")}, {f("b")}, {f("c"), f("b"), f("a")}}
	j := jobOf(three)
	look := func(p *planned) ([]check.Finding, error) {
		return all[slices.IndexFunc(j.images, func(o *planned) bool { return o == p })], nil
	}
	found, err := j.findings(look)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		got = append(got, f.Subject+" "+strings.Join(f.platforms, "+"))
	}
	if want := []string{"a linux/amd64+linux/s390x", "b ", "c linux/s390x"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	err = j.judged(look)
	for _, part := range []string{"linux/amd64, linux/s390x: a: bad", "\n  b: bad", "linux/s390x: c: bad"} {
		if err == nil || !strings.Contains(err.Error(), part) || !refusal.Is(err) {
			t.Errorf("%v lacks %q", err, part)
		}
	}
	if err := j.judged(func(*planned) ([]check.Finding, error) { return []check.Finding{{Subject: "w", Warning: true}}, nil }); err != nil {
		t.Error(err)
	}
	one := jobOf(three[:1])
	if found, err := one.findings(func(*planned) ([]check.Finding, error) { return all[0], nil }); err != nil || len(found) != 2 || found[0].platforms != nil {
		t.Errorf("%v, %v", found, err)
	}
	broken := errors.New("broken")
	if _, err := j.findings(func(p *planned) ([]check.Finding, error) { return nil, broken }); !errors.Is(err, broken) || err.Error() != "linux/amd64: broken" {
		t.Error(err)
	}
}
