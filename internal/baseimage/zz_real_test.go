package baseimage

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestRealTemp(t *testing.T) {
	dir := os.Getenv("REALBASE")
	if dir == "" {
		return
	}
	type desc struct{ Digest, MediaType string }
	blob := func(d string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, "blobs", strings.Replace(d, ":", "/", 1)))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var idx struct{ Manifests []desc }
	b, _ := os.ReadFile(filepath.Join(dir, "index.json"))
	json.Unmarshal(b, &idx)
	t.Logf("%s", b)
	raw := blob(idx.Manifests[0].Digest)
	for {
		var inner struct{ Manifests []desc }
		json.Unmarshal(raw, &inner)
		if len(inner.Manifests) == 0 {
			break
		}
		raw = blob(inner.Manifests[0].Digest)
	}
	var m struct {
		Config desc
		Layers []desc
	}
	json.Unmarshal(raw, &m)
	var ls []Layer
	for _, l := range m.Layers {
		ls = append(ls, Layer{Digest: l.Digest, MediaType: l.MediaType, Open: func(context.Context) (io.ReadCloser, error) {
			return os.Open(filepath.Join(dir, "blobs", strings.Replace(l.Digest, ":", "/", 1)))
		}})
	}
	start := time.Now()
	p, err := Read(context.Background(), blob(m.Config.Digest), ls)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("read in %v, %d paths", time.Since(start), p.Tree.Len())
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	t.Logf("sys %d MiB total alloc %d MiB", ms.Sys>>20, ms.TotalAlloc>>20)
	var h, tr strings.Builder
	p.EncodeHead(&h)
	start = time.Now()
	p.Tree.Encode(&tr)
	t.Logf("encode tree %v, head %d B, tree %d B", time.Since(start), h.Len(), tr.Len())
	start = time.Now()
	q, err := DecodeProfile(strings.NewReader(h.String()), nil)
	t.Logf("decode head %v", time.Since(start))
	start = time.Now()
	q, err = DecodeProfile(strings.NewReader(h.String()), strings.NewReader(tr.String()))
	t.Logf("decode all %v %v %d", time.Since(start), err, q.Tree.Len())
	p.Distributions = p.Distributions[:3]
	out, _ := json.MarshalIndent(p, "", " ")
	t.Logf("%s", out)
	t.Logf("%d dists", len(q.Distributions))
}
