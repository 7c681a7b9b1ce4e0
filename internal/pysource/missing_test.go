package pysource

import (
	"slices"
	"strings"
	"testing"
)

// lacking finds what is not called lack, and is not sure of what is called maybe.
func lacking(im Import) Presence {
	switch {
	case strings.HasPrefix(im.Module, "lack"):
		return Absent
	case strings.HasPrefix(im.Module, "maybe"):
		return Possible
	}
	return Present
}

func TestMissing(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      []string
	}{
		{"found", "import have\nfrom have.a import b", nil},
		{"not found", "import lack\nimport have\nfrom lack2 import x\n", []string{"lack", "lack2"}},
		{"lazy and never", "def f(): import lack\nif TYPE_CHECKING: import lack\nif x: import lack\n", nil},
		{"first of two", "try: import have\nexcept ImportError: import lack\n", nil},
		{"second of two", "try: import lack\nexcept ImportError: import have\n", nil},
		{"none of two", "try: import lack\nexcept ImportError: import lack2\n", []string{"lack2"}},
		{"none of three", "try: import lack\nexcept ImportError:\n  try: import lack2\n  except ModuleNotFoundError: import lack3\n", []string{"lack3"}},
		{"optional", "try: import lack\nexcept ImportError: lack = None\nelse: import lack2\n", nil},
		{"else", "try: import have\nexcept ImportError: pass\nelse: import lack\n", []string{"lack"}},
		{"may fail", "import maybe\nimport lack\n", []string{"maybe", "lack"}},
		{"may fail, else", "try: import maybe\nexcept ImportError: pass\nelse: import lack\n", nil},
		{"may fail, second", "try: import maybe\nexcept ImportError: import lack\n", nil},
		{"may fail, then lacks", "try:\n  import maybe\n  import lack\nexcept ImportError: import lack2\n", []string{"lack2"}},
		{"raised again", "try: import lack\nexcept ImportError:\n  print('install it')\n  raise\n", []string{"lack"}},
		{"raised to another", "try:\n  try: import lack\n  except ImportError: raise\n  import lack2\nexcept Exception: import lack3", []string{"lack3"}},
		{"skipped", "try:\n  import lack\n  import have\n  import lack2\nexcept ImportError: pass\n", nil},
		{"unknown condition in try", "try:\n  if x: import lack\nexcept ImportError: import lack2\nelse: import lack3", nil},
		{"finally", "try: import have\nfinally: import lack\n", []string{"lack"}},
		{"suppressed", "with suppress(ImportError): import lack\n", nil},
		{"other error", "try: import lack\nexcept ValueError: import lack2\n", []string{"lack"}},
		{"second clause", "try: import lack\nexcept ImportError: pass\nexcept Exception: import lack2\n", nil},
		{"version", "if sys.version_info < (3, 11): import lack\nelse: import have\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, im := range parse(t, c.src).Missing(lacking) {
				got = append(got, im.Module)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q\n%s", got, c.want, c.src)
			}
		})
	}
}
