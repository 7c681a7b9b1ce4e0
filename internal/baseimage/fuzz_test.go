package baseimage

import (
	"bytes"
	"testing"

	"github.com/layerpack/layerpack/internal/baseimage/fakebase"
	"github.com/layerpack/layerpack/internal/rootfs"
)

// Any tar is read or refused, and what is read can be stored and read again.
func FuzzLayer(f *testing.F) {
	b, err := fakebase.New("amd64")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b.Tars[2])
	f.Add(tarOf(f, fakebase.Text("a/METADATA", 0o644, "Name: x"), fakebase.Whiteout("b/.wh.c"), fakebase.Link("etc/passwd", "../x")))
	f.Add(tarOf(f, fakebase.Text("usr/bin/python3", 0o755, "\x7fELF\x02\x01"), fakebase.Text("etc/passwd", 0o644, "a:x:1:1:::\n")))
	f.Fuzz(func(t *testing.T, in []byte) {
		m, err := readMembers(bytes.NewReader(in), &budget{limits: limits{stream: 1 << 20, entries: 1000, kept: 1 << 20, file: 1 << 16, binary: 1 << 16}})
		if err != nil {
			return
		}
		v := &view{tree: rootfs.New(), contents: append([]*content{nil}, m.contents...)}
		if v.tree.Apply(m.entries) != nil {
			return
		}
		p := v.profile(&imageConfig{Architecture: "amd64", OS: "linux"})
		var head, tree bytes.Buffer
		if err := p.EncodeHead(&head); err != nil {
			t.Fatal(err)
		}
		if err := p.Tree.Encode(&tree); err != nil {
			t.Fatal(err)
		}
		want := head.String()
		back, err := DecodeProfile(&head, &tree)
		if err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		if err := back.EncodeHead(&again); err != nil || again.String() != want {
			t.Errorf("%v: first\n%s\nthen\n%s", err, want, again.String())
		}
	})
}
