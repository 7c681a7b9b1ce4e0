package spec

import (
	"encoding/json"
	"errors"
	"path"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever the words are, they make a sound build or are a mistake of usage.
func FuzzNew(f *testing.F) {
	f.Add("oci:dir:tag", "linux/arm64/v8", ".:/srv", "name", "a:/b/", "K=V", "/lib", "/w", "u:g", `["a"]`, "x/y:1", "oci:out", "17")
	f.Add("python", "", "a:b:/c:d", "", "C:\\x:/y", "A=$B", "/a:/b", "/a/../b", "", "[", "x@sha256:0", "oci:a:b:c", "-1")
	f.Add("docker-archive:-:app:v1", "", ".", "", "a:/b", "", "", "", "", "", "x", "docker-archive:x.tar:y:1", "")
	f.Add("oci-archive:x:@0", "", ".", "", "a:/b", "", "", "", "", "", "x", "oci-archive:x:y", "")
	f.Fuzz(func(t *testing.T, base, platform, source, name, file, env, pythonpath, workdir, user, cmd, tag, output, epoch string) {
		b, err := New(Flags{
			Base: base, Platforms: []string{platform}, Sources: []string{source}, Name: name, Files: []string{file},
			Env: []string{env}, PythonPath: []string{pythonpath}, WorkDir: workdir, User: user, Cmd: &[]string{cmd},
			Tags: []string{tag}, Outputs: []string{output}, SourceDateEpoch: epoch, Dir: "/dir",
		})
		if err != nil {
			var usage *UsageError
			if !errors.As(err, &usage) {
				t.Fatalf("no mistake of usage: %v", err)
			}
			return
		}
		for _, m := range append(b.Sources, b.Files...) {
			if !path.IsAbs(m.Src) || !path.IsAbs(m.Dst) || path.Clean(m.Dst) != m.Dst {
				t.Fatalf("mapping %+v", m)
			}
		}
		if b.Platform.OS != "linux" || b.Platform.Architecture == "" || (b.Base.Ref == nil) == (b.Base.Path == "") {
			t.Fatalf("platform %s, base %+v", b.Platform.String(), b.Base)
		}
		for _, d := range b.Edits.PythonPath {
			if !path.IsAbs(d) || strings.Contains(d, ":") {
				t.Fatalf("PYTHONPATH %q", b.Edits.PythonPath)
			}
		}
		// What JSON would change cannot stand in a plan.
		raw, err := json.Marshal(b.Edits)
		if err != nil || strings.Contains(string(raw), `\ufffd`) {
			t.Fatalf("%s, %v", raw, err)
		}
		for _, s := range []string{b.Edits.WorkingDir, b.Edits.User, b.Sources[0].Dst} {
			if !utf8.ValidString(s) {
				t.Fatalf("%q is not UTF-8", s)
			}
		}
	})
}
