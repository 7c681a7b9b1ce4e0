package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/rogpeppe/go-internal/testscript"
)

// open finds an image with go-containerregistry, which knows nothing of layerpack.
func open(ts *testscript.TestScript, ref string) v1.Image {
	if dir, ok := strings.CutPrefix(ref, "oci:"); ok {
		index, err := layout.ImageIndexFromPath(ts.MkAbs(dir))
		ts.Check(err)
		list, err := index.IndexManifest()
		ts.Check(err)
		if len(list.Manifests) != 1 {
			ts.Fatalf("%s holds %d images", ref, len(list.Manifests))
		}
		img, err := index.Image(list.Manifests[0].Digest)
		ts.Check(err)
		return img
	}
	parsed, err := name.ParseReference(strings.TrimSpace(ref))
	ts.Check(err)
	img, err := remote.Image(parsed)
	ts.Check(err)
	return img
}

func one(ts *testscript.TestScript, neg bool, args []string, usage string) string {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: %s", usage)
	}
	return args[0]
}

func cmdConfig(ts *testscript.TestScript, neg bool, args []string) {
	raw, err := open(ts, one(ts, neg, args, "config REF")).RawConfigFile()
	ts.Check(err)
	printJSON(ts, raw)
}

func cmdManifest(ts *testscript.TestScript, neg bool, args []string) {
	raw, err := open(ts, one(ts, neg, args, "manifest REF")).RawManifest()
	ts.Check(err)
	printJSON(ts, raw)
}

func printJSON(ts *testscript.TestScript, raw []byte) {
	var b bytes.Buffer
	ts.Check(json.Indent(&b, raw, "", "  "))
	fmt.Fprintln(ts.Stdout(), b.String())
}

// cmdTar prints the layers above the base's, one path a line: kind, mode, owner, path.
func cmdTar(ts *testscript.TestScript, neg bool, args []string) {
	above(ts, one(ts, neg, args, "tar REF"), func(layer int, h *tar.Header, _ io.Reader) {
		if h == nil {
			fmt.Fprintf(ts.Stdout(), "layer %d\n", layer)
			return
		}
		kind, arrow := "file", ""
		switch h.Typeflag {
		case tar.TypeDir:
			kind = "dir"
		case tar.TypeSymlink:
			kind, arrow = "link", " -> "+h.Linkname
		}
		fmt.Fprintf(ts.Stdout(), "%s %04o %d:%d %s%s\n", kind, h.Mode, h.Uid, h.Gid, strings.TrimSuffix(h.Name, "/"), arrow)
	})
}

func cmdCat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cat REF PATH")
	}
	found := false
	above(ts, args[0], func(_ int, h *tar.Header, r io.Reader) {
		if h == nil || h.Name != strings.TrimPrefix(args[1], "/") {
			return
		}
		found = true
		_, err := io.Copy(ts.Stdout(), r)
		ts.Check(err)
	})
	if !found {
		ts.Fatalf("%s has no %s above its base", args[0], args[1])
	}
}

// above calls visit for each layer that is no base's, with a nil header, and for each of its entries.
func above(ts *testscript.TestScript, ref string, visit func(layer int, h *tar.Header, r io.Reader)) {
	w := worldOf(ts)
	fmt.Fprint(ts.Stdout()) // so that the stdout of the command before is gone, whatever is printed
	layers, err := open(ts, ref).Layers()
	ts.Check(err)
	n := 0
	for _, l := range layers {
		digest, err := l.Digest()
		ts.Check(err)
		w.mu.Lock()
		base := w.base[digest.String()]
		w.mu.Unlock()
		if base {
			continue
		}
		n++
		visit(n, nil, nil)
		r, err := l.Uncompressed()
		ts.Check(err)
		for t := tar.NewReader(r); ; {
			h, err := t.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			ts.Check(err)
			visit(n, h, t)
		}
		ts.Check(r.Close())
	}
}

// cmdTraffic prints what the registries moved since the last call: bytes of blobs in and out,
// of base layers among them, the manifests written, and the cache manifests.
func cmdTraffic(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: traffic")
	}
	w := worldOf(ts)
	sum := map[string]int64{}
	var tags []string
	for _, s := range w.servers() {
		for _, t := range s.take() {
			sum[t.kind] += t.bytes
			switch {
			case t.kind == "tag" && strings.Contains(t.name, ":layerpack-cache-"):
				sum["cache"]++
			case t.kind == "tag":
				tags = append(tags, t.name)
			case t.kind == "manifest":
				sum["manifests"]++
			case w.base[t.digest]:
				sum["base "+t.kind] += t.bytes
			}
		}
	}
	for _, line := range []string{"up", "down", "base up", "base down", "manifests", "cache"} {
		fmt.Fprintf(ts.Stdout(), "%s %d\n", line, sum[line])
	}
	fmt.Fprintf(ts.Stdout(), "tags %s\n", strings.Join(tags, " "))
}
