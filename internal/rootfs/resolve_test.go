package rootfs

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestResolve(t *testing.T) {
	tr := tree(t, "usr/lib/x86/libc.so lib->usr/lib lib64->/usr/lib usr/lib/up->../../etc etc/passwd file "+
		"abs->/etc out->../../../etc deep/a/b/back->../../.. loop->loop ping->pong pong->ping dangle->/no/where self->. "+
		"usr/bin/python3->python3.11 usr/bin/python3.11 bin->usr/bin dot->./usr/./lib slash->etc/ tofile->file")
	for _, c := range []struct {
		path, want, parent string
	}{
		{"", "", ""},
		{"/", "", ""},
		{"etc/passwd", "etc/passwd", "etc/passwd"},
		{"//etc/./passwd", "etc/passwd", "etc/passwd"},
		{"lib", "usr/lib", "lib"},
		{"/lib/x86/libc.so", "usr/lib/x86/libc.so", "usr/lib/x86/libc.so"},
		{"lib64/up/passwd", "etc/passwd", "etc/passwd"},
		{"bin/python3", "usr/bin/python3.11", "usr/bin/python3"},
		{"out/passwd", "etc/passwd", "etc/passwd"},
		{"deep/a/b/back/etc", "etc", "etc"},
		{"dangle", "no/where", "dangle"},
		{"dangle/x/y", "no/where/x/y", "no/where/x/y"},
		{"new/folder/file", "new/folder/file", "new/folder/file"},
		{"new/../etc", "etc", "etc"},
		{"../../etc", "etc", "etc"},
		{"lib/..", "usr", "usr"},
		{"lib/.", "usr/lib", "usr/lib"},
		{"lib/", "usr/lib", "lib"},
		{"self/self/etc", "etc", "etc"},
		{"dot/x", "usr/lib/x", "usr/lib/x"},
		{"slash/passwd", "etc/passwd", "etc/passwd"},
		{"abs/new", "etc/new", "etc/new"},
	} {
		if got, err := tr.Resolve(c.path); err != nil || got != c.want {
			t.Errorf("Resolve(%q) = %q, %v, want %q", c.path, got, err, c.want)
		}
		want := c.parent
		if got, err := tr.ResolveParent(c.path); err != nil || got != want {
			t.Errorf("ResolveParent(%q) = %q, %v, want %q", c.path, got, err, want)
		}
	}
	for path, want := range map[string]error{
		"loop": ErrLoop, "loop/x": ErrLoop, "ping": ErrLoop,
		"file/x": ErrNotDir, "file/..": ErrNotDir, "tofile/x": ErrNotDir,
	} {
		if got, err := tr.Resolve(path); !errors.Is(err, want) {
			t.Errorf("Resolve(%q) = %q, %v, want %v", path, got, err, want)
		}
	}
	if got, err := tr.ResolveParent("loop"); err != nil || got != "loop" {
		t.Errorf("ResolveParent(loop) = %q, %v", got, err)
	}
	for _, path := range []string{"file/x", "loop/x", "tofile/x"} {
		if got, err := tr.ResolveParent(path); err == nil {
			t.Errorf("ResolveParent(%q) = %q, want an error", path, got)
		}
	}
}

// Linux follows 40 links and fails at the next.
func TestResolveCountsLinks(t *testing.T) {
	var words strings.Builder
	for i := range 41 {
		fmt.Fprintf(&words, "l%d->l%d ", i, i+1)
	}
	tr := tree(t, words.String())
	if got, err := tr.Resolve("l1"); err != nil || got != "l41" {
		t.Errorf("40 links: %q, %v", got, err)
	}
	if got, err := tr.Resolve("l0"); !errors.Is(err, ErrLoop) {
		t.Errorf("41 links: %q, %v", got, err)
	}
}
