package check_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/pkg/refusal"
)

func TestRefuse(t *testing.T) {
	one := check.Finding{Rule: check.MissingDist, Subject: "a 1", Cause: "needs b", Fix: "add b"}
	warning := check.Finding{Warning: true, Subject: "w", Cause: "odd"}
	for name, c := range map[string]struct {
		in   []check.Finding
		want string
	}{
		"none":     {nil, ""},
		"warnings": {[]check.Finding{warning}, ""},
		"one":      {[]check.Finding{warning, one}, "a 1: needs b; add b"},
		"two":      {[]check.Finding{one, warning, one}, "the image: 2 things would not work in it\n  a 1: needs b; add b\n  a 1: needs b; add b"},
	} {
		t.Run(name, func(t *testing.T) {
			err := check.Refuse(c.in)
			if (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if err != nil && !refusal.Is(err) {
				t.Errorf("%T is no refusal", err)
			}
		})
	}
}

func TestRefuseIsBounded(t *testing.T) {
	var many []check.Finding
	for i := range 1000 {
		many = append(many, check.Finding{Subject: fmt.Sprint("s", i), Cause: "c"})
	}
	if got := check.Refuse(many).Error(); strings.Count(got, "\n") != 21 || !strings.HasSuffix(got, "\n  and 980 more") {
		t.Errorf("got %s", got)
	}
	for i := range many {
		many[i].Cause = strings.Repeat("x", 5000)
	}
	if got := check.Refuse(many).Error(); len(got) > 13<<10 || !strings.HasSuffix(got, "\n  and 998 more") {
		t.Errorf("%d bytes: ...%s", len(got), got[len(got)-40:])
	}
}
