package main

import (
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/rogpeppe/go-internal/testscript"
)

// indexOf is the index that a tag, or the only entry of a layout, holds.
func indexOf(ts *testscript.TestScript, ref string) v1.ImageIndex {
	if dir, ok := strings.CutPrefix(ref, "oci:"); ok {
		top, err := layout.ImageIndexFromPath(ts.MkAbs(dir))
		ts.Check(err)
		list, err := top.IndexManifest()
		ts.Check(err)
		if len(list.Manifests) != 1 {
			ts.Fatalf("%s holds %d things", ref, len(list.Manifests))
		}
		index, err := top.ImageIndex(list.Manifests[0].Digest)
		ts.Check(err)
		return index
	}
	parsed, err := name.ParseReference(strings.TrimSpace(ref))
	ts.Check(err)
	index, err := remote.Index(parsed)
	ts.Check(err)
	return index
}

func cmdListed(ts *testscript.TestScript, neg bool, args []string) {
	raw, err := indexOf(ts, one(ts, neg, args, "listed REF")).RawManifest()
	ts.Check(err)
	printJSON(ts, raw)
}

// cmdAmong sets a variable to REPOSITORY@DIGEST of the image that an index has for a platform.
func cmdAmong(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: among VARIABLE REF PLATFORM")
	}
	ref, err := name.ParseReference(args[1])
	ts.Check(err)
	list, err := indexOf(ts, args[1]).IndexManifest()
	ts.Check(err)
	for _, d := range list.Manifests {
		if (v1.Platform{OS: d.Platform.OS, Architecture: d.Platform.Architecture, Variant: d.Platform.Variant}).String() == args[2] {
			ts.Setenv(args[0], ref.Context().Digest(d.Digest.String()).Name())
			return
		}
	}
	ts.Fatalf("%s has nothing for %s", args[1], args[2])
}

// cmdRequests lists the requests since the last call, those of each registry in their order: method and path.
func cmdRequests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: requests")
	}
	w := worldOf(ts)
	n := 0
	for i, s := range w.servers() {
		log := s.reg.Log()
		for _, r := range log[w.told[i]:] {
			fmt.Fprintln(ts.Stdout(), r.Method, r.Path)
			n++
		}
		w.told[i] = len(log)
	}
	fmt.Fprintf(ts.Stdout(), "%d requests\n", n)
}
