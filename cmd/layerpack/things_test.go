package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/layerpack/layerpack/internal/fakewheel"
)

// cmdFails runs a command that must fail: with the exit code, nothing on stdout, one message on
// stderr, no manifest written and no file more or less in the working folder.
func cmdFails(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: fails CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	w := worldOf(ts)
	before := files(ts)
	for _, s := range w.servers() {
		s.take()
	}
	err = ts.Exec(args[1], args[2:]...)
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d (%v)", code, want, err)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("on stdout: %s", out)
	}
	message := ts.ReadFile("stderr")
	if n := strings.Count(message, "layerpack: error: "); n != 1 || strings.Contains(message, "goroutine ") {
		ts.Fatalf("%d error messages on stderr, want one:\n%s", n, message)
	}
	for _, s := range w.servers() {
		if s.wrote() {
			ts.Fatalf("a manifest was written to %s", s.host)
		}
	}
	if after := files(ts); !slices.Equal(before, after) {
		ts.Fatalf("the working folder changed: it had %q, it has %q", before, after)
	}
}

// files lists the working folder, with sizes, so that a file that was written over shows too.
func files(ts *testscript.TestScript) []string {
	var list []string
	dir := ts.MkAbs(".")
	ts.Check(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Name() == ".cache" {
			return fs.SkipDir // what was learnt stays
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		size := info.Size()
		if d.IsDir() {
			size = 0
		}
		list = append(list, fmt.Sprintf("%s %v %d", strings.TrimPrefix(path, dir), info.Mode(), size))
		return nil
	}))
	return list
}

func cmdLogin(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: login HOST USER PASSWORD")
	}
	dir := filepath.Join(ts.Getenv("HOME"), ".docker")
	ts.Check(os.MkdirAll(dir, 0o700))
	text := fmt.Sprintf(`{"auths":{%q:{"username":%q,"password":%q}}}`, args[0], args[1], args[2])
	ts.Check(os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o600))
}

func cmdMkfifo(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(syscall.Mkfifo(ts.MkAbs(one(ts, neg, args, "mkfifo PATH")), 0o644))
}

// cmdMksocket makes a socket by a short name: the whole path may be longer than a socket's can be.
func cmdMksocket(ts *testscript.TestScript, neg bool, args []string) {
	path := ts.MkAbs(one(ts, neg, args, "mksocket PATH"))
	dir, err := os.MkdirTemp("", "s")
	ts.Check(err)
	ts.Defer(func() { ts.Check(os.RemoveAll(dir)) })
	short := filepath.Join(dir, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"})
	ts.Check(err)
	l.SetUnlinkOnClose(false)
	ts.Check(l.Close())
	ts.Check(os.Rename(short, path))
}

func cmdSame(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: same FILE FILE...")
	}
	first := ts.ReadFile(args[0])
	for _, f := range args[1:] {
		if (ts.ReadFile(f) == first) == neg {
			ts.Fatalf("%s: %q\n%s: %q", args[0], first, f, ts.ReadFile(f))
		}
	}
}

// cmdWheel makes a wheel: tag=TAG, script=NAME=MODULE:FUNCTION, file=PATH=TEXT, requires=REQ, and
// cut to leave half of it.
func cmdWheel(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: wheel DIR NAME VERSION [tag=... script=... file=... requires=... cut]")
	}
	w := fakewheel.Wheel{Name: args[1], Version: args[2], Files: map[string]string{}, Scripts: map[string]string{}}
	cut := false
	for _, a := range args[3:] {
		key, value, _ := strings.Cut(a, "=")
		left, right, _ := strings.Cut(value, "=")
		switch key {
		case "tag":
			w.Tag = value
		case "script":
			w.Scripts[left] = right
		case "file":
			w.Files[left] = right
		case "requires":
			w.Requires = append(w.Requires, value)
		case "cut":
			cut = true
		default:
			ts.Fatalf("wheel: no %q", a)
		}
	}
	if len(w.Files) == 0 {
		w.Files[strings.ReplaceAll(w.Name, "-", "_")+"/__init__.py"] = "version = \"" + w.Version + "\"\n"
	}
	raw, err := w.Bytes()
	ts.Check(err)
	if cut {
		raw = raw[:len(raw)/2]
	}
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o755))
	ts.Check(os.WriteFile(filepath.Join(dir, w.Filename()), raw, 0o644))
}
