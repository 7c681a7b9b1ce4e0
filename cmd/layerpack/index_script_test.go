package main

import (
	"crypto/sha512"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/rogpeppe/go-internal/testscript"
)

// indexCommands are what scripts can do with package indexes.
func indexCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"asked":   cmdAsked,   // asked: prints what indexes were asked for since the last call
		"expand":  cmdExpand,  // expand FILE: replaces $NAME, and ${sha256:FILE} and ${sha512:FILE} of an index's file
		"fetch":   cmdFetch,   // fetch HOST FILE DIR: puts an index's file into a folder
		"index":   cmdIndex,   // index HOST WORD...: html, json, bare, whole, vague, up, down, fresh=..., auth=USER:PASSWORD
		"leaks":   cmdLeaks,   // leaks WORD HOST PATH...: looks for a word in a registry and in files
		"lie":     cmdLie,     // lie HOST LIE PART [TIMES]: answers addresses with PART in them wrongly; lie HOST none
		"release": cmdRelease, // release HOST NAME VERSION [key=value...]: publishes a wheel, or a source distribution
		"tags":    cmdTags,    // tags REPOSITORY: lists its tags but those of the cache
	}
}

// indexEnv lets pip's settings of the machine out, and names the script's own indexes.
func (w *world) indexEnv(set func(key, value string)) {
	set("INDEX", w.index.host)
	set("EXTRA", w.extra.host)
	set("PIP_CONFIG_FILE", os.DevNull)
	set("PIP_INDEX_URL", "http://"+w.index.host+"/simple/")
}

func indexOfHost(ts *testscript.TestScript, host string) *packageIndex {
	for _, i := range []*packageIndex{worldOf(ts).index, worldOf(ts).extra} {
		if i.host == host {
			return i
		}
	}
	ts.Fatalf("no index %s", host)
	return nil
}

func cmdRelease(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: release HOST NAME VERSION [key=value...]")
	}
	ts.Check(indexOfHost(ts, args[0]).release(args[1], args[2], args[3:]...))
}

func cmdIndex(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: index HOST WORD...")
	}
	for _, word := range args[1:] {
		ts.Check(indexOfHost(ts, args[0]).become(word))
	}
}

func cmdLie(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 4 {
		ts.Fatalf("usage: lie HOST LIE PART [TIMES], or lie HOST none")
	}
	part, times := "", -1
	if len(args) > 2 {
		part = args[2]
	}
	if len(args) > 3 {
		var err error
		times, err = strconv.Atoi(args[3])
		ts.Check(err)
	}
	ts.Check(indexOfHost(ts, args[0]).lie(args[1], part, times))
}

// cmdAsked prints for each index the requests by kind, the bytes of wheels, and what was asked for.
func cmdAsked(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: asked")
	}
	w := worldOf(ts)
	for _, i := range []struct {
		name string
		*packageIndex
	}{{"index", w.index}, {"extra", w.extra}} {
		count, names := i.take()
		for _, kind := range []string{"page", "metadata", "range", "wheel", "bytes", "credentials"} {
			fmt.Fprintf(ts.Stdout(), "%s %s %d\n", i.name, kind, count[kind])
		}
		fmt.Fprintf(ts.Stdout(), "%s names %s\n", i.name, strings.Join(names, " "))
	}
}

func cmdExpand(ts *testscript.TestScript, neg bool, args []string) {
	path := one(ts, neg, args, "expand FILE")
	w := worldOf(ts)
	text := os.Expand(ts.ReadFile(path), func(name string) string {
		algorithm, file, ok := strings.Cut(name, ":")
		if !ok {
			return ts.Getenv(name)
		}
		for _, i := range []*packageIndex{w.index, w.extra} {
			if r, ok := i.find(file); ok && algorithm == "sha512" {
				return fmt.Sprintf("%x", sha512.Sum512(r.raw))
			} else if ok {
				return hexSum(r.raw)
			}
		}
		ts.Fatalf("no index has %s", file)
		return ""
	})
	ts.Check(os.WriteFile(ts.MkAbs(path), []byte(text), 0o644))
}

func cmdFetch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: fetch HOST FILE DIR")
	}
	r, ok := indexOfHost(ts, args[0]).find(args[1])
	if !ok {
		ts.Fatalf("%s has no %s", args[0], args[1])
	}
	path := filepath.Join(ts.MkAbs(args[2]), args[1])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
	ts.Check(os.WriteFile(path, r.raw, 0o644))
}

func cmdTags(ts *testscript.TestScript, neg bool, args []string) {
	repo, err := name.NewRepository(one(ts, neg, args, "tags REPOSITORY"))
	ts.Check(err)
	list, err := remote.List(repo)
	if err != nil {
		list = nil // a repository that was never written to
	}
	fmt.Fprint(ts.Stdout())
	for _, tag := range list {
		if !strings.HasPrefix(tag, "layerpack-cache-") {
			fmt.Fprintln(ts.Stdout(), tag)
		}
	}
}

// cmdLeaks looks for a word in all that a registry was sent, in the files below paths, and in what the last command printed.
func cmdLeaks(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: leaks WORD HOST PATH...")
	}
	word := args[0]
	found := ""
	look := func(where string, raw []byte) {
		if found == "" && holds(raw, word) {
			found = where
		}
	}
	for _, stream := range []string{"stdout", "stderr"} {
		look(stream, []byte(ts.ReadFile(stream)))
	}
	n := 0
	for where, raw := range received(ts, args[1]) {
		look(where, raw)
		n++
	}
	if n == 0 {
		ts.Fatalf("%s was sent nothing", args[1])
	}
	for _, root := range args[2:] {
		ts.Check(filepath.WalkDir(ts.MkAbs(root), func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			raw, err := os.ReadFile(path)
			look(path, []byte(path))
			look(path, raw)
			return err
		}))
	}
	if (found == "") != neg {
		ts.Fatalf("%q is in %q", word, found)
	}
}
