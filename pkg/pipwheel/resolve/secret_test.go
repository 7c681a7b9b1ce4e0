package resolve

import (
	"strings"
	"testing"
)

// TestNoPasswordInMessages: whatever is wrong with an address, its password and its query are not told.
func TestNoPasswordInMessages(t *testing.T) {
	const a, b = "http://one:s3cret@h.example/a.whl?token=s3cret", "http://two:s3cret@h.example/b.whl#sha256=s3cret"
	for name, text := range map[string]string{
		"two of the user's": `
			url ` + a + ` foo 1.0
			url ` + b + ` foo 1.0
			ask foo @ ` + a + `
			ask foo @ ` + b,
		"another version": `
			url ` + a + ` foo 1.0
			bar 1.0: foo>1
			ask foo @ ` + a + `
			ask bar`,
		"a limit": `
			url ` + a + ` foo 1.0
			ask foo @ ` + a + `
			limit foo>1`,
		"nothing there": `
			ask foo @ ` + a,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseWorld(t, text).resolve()
			if err == nil || !strings.Contains(err.Error(), "foo") || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%v", err)
			}
		})
	}
}
