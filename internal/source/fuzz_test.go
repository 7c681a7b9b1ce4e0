package source

import (
	"bytes"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"
)

func FuzzEnvFile(f *testing.F) {
	for _, s := range []string{"A=1\n# c\n\n B=\"2\"\r\n", "\ufeffA=", "A", "=x", "A B=1", "A=\x00", "\xff=1", "A=1\r"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines, err := parseEnvFile(data)
		if err != nil {
			return
		}
		for _, l := range lines {
			name, _, ok := strings.Cut(l, "=")
			if !ok || name == "" || name[0] == '#' || strings.ContainsFunc(name, unicode.IsSpace) || strings.ContainsAny(l, "\x00\n") {
				t.Errorf("%q gives the line %q", data, l)
			}
			if !bytes.Contains(data, []byte(l)) {
				t.Errorf("the line %q is not in %q", l, data)
			}
		}
	})
}

// What is not walked because no exception reaches it must be left out by the patterns as well.
func FuzzDockerignore(f *testing.F) {
	for _, s := range []string{"a\n!a/b", "*\n!**/x", "**", "!", "[", "a/**/b\n!a/b/c", "\\", "#\n\ufeffa", "a\n!a/b/\n!a/../c", "a\n![b", "!!\\g", "!../../x", "x\n!!x"} {
		f.Add([]byte(s), "a/b/c")
	}
	f.Fuzz(func(t *testing.T, text []byte, rel string) {
		d, err := parseDockerignore(text)
		if err != nil || !fs.ValidPath(rel) || rel == "." {
			return
		}
		dir, err := fstest.MapFS{"d/f": nil}.Stat("d")
		must(t, err)
		var above verdict
		walked := true
		for i := 0; i <= len(rel); i++ {
			if i < len(rel) && rel[i] != '/' {
				continue
			}
			v, err := d.check(candidate{rel: rel[:i], name: path.Base(rel[:i]), info: dir}, above)
			if err != nil {
				t.Fatalf("patterns that parsed fail later: %v", err)
			}
			if !walked && v.rule == "" {
				t.Fatalf("%q takes back %q, whose folder is not walked", text, rel[:i])
			}
			if v.rule == ".dockerignore: " {
				t.Errorf("%q: no pattern for leaving out %q", text, rel[:i])
			}
			walked = walked && (v.rule == "" || v.deeper)
			above = v
		}
	})
}
