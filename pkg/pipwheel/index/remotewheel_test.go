package index

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/internal/store"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// largeWheel has files in a folder, of which one is large. What is in "a" lies before the metadata.
func largeWheel(t *testing.T, folder string, files, length int) []byte {
	t.Helper()
	w := fakewheel.Wheel{
		Name: "demo", Version: "1.0", Requires: []string{"six>=1"}, Scripts: map[string]string{"demo": "demo:main"},
		Files: map[string]string{folder + "/large.bin": string(blob(3 << 20))}, Deflate: true,
	}
	for i := range files {
		w.Files[fmt.Sprintf("%s/%0*d.py", folder, length, i)] = "pass\n"
	}
	_, b := wheel(t, w)
	return b
}

func facts(t *testing.T, r io.ReaderAt, size int64) []byte {
	t.Helper()
	w, err := pipwheel.Open(r, size, demoFile, pipwheel.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := w.Facts()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// metadataOf reads what describes a wheel, through a reader of archives that looks at nothing else.
func metadataOf(t *testing.T, r io.ReaderAt, size int64) (text string) {
	t.Helper()
	z, err := zip.NewReader(r, size)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		text += f.Name + "\n"
		if !strings.Contains(f.Name, ".dist-info/") {
			continue
		}
		m, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(m)
		if err := errors.Join(err, m.Close()); err != nil {
			t.Fatal(err)
		}
		text += string(b)
	}
	return text
}

// disk is the store that the program uses.
type disk struct{ *store.Store }

func (d disk) Open(key string) (Content, error) { return opened(d.Store.Open("wheels", key)) }

func (d disk) Partial(key string) (Partial, error) {
	p, err := d.Store.Partial("wheels", key)
	if err != nil {
		return nil, err
	}
	return diskPartial{p}, nil
}

type diskPartial struct{ *store.Partial }

func (p diskPartial) Commit(sum [sha256.Size]byte) (Content, error) {
	return opened(p.Partial.Commit(sum))
}

func opened(c *store.Content, err error) (Content, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}

// TestRemoteWheel reads wheels of which no more than the end has moved, and then opens them.
func TestRemoteWheel(t *testing.T) {
	for name, c := range map[string]struct {
		folder        string
		files, length int
		requests      int // for the end
		described     bool
	}{
		"few files":                        {"a", 10, 4, 1, true},
		"a directory larger than the tail": {"a", 1500, 180, 2, true},
		"metadata in front":                {"demo", 10, 4, 1, false},
	} {
		b := largeWheel(t, c.folder, c.files, c.length)
		s := newServer(t)
		s.bytes("/"+demoFile, b)
		r := openRemote(t, newClient(t, Options{NoIndex: true, Wheels: disk{store.New(t.TempDir(), "")}}), fileOf(s, b), DownloadOptions{})
		if n := len(s.requests()); n != c.requests || r.Moved() > maxTail || r.Moved() >= int64(len(b))/2 {
			t.Errorf("%s: %v, %d bytes of %d moved", name, s.requests(), r.Moved(), len(b))
		}
		moved := r.Moved()
		if c.described {
			if metadataOf(t, r, r.Size()) != metadataOf(t, bytes.NewReader(b), int64(len(b))) {
				t.Errorf("%s: metadata differs", name)
			}
			if n := len(s.requests()); n != c.requests || r.Moved() != moved {
				t.Errorf("%s: more than the end moved: %v", name, s.requests())
			}
		}
		early, err := pipwheel.ReadFacts(r, r.Size(), demoFile, pipwheel.Options{})
		if err != nil || !bytes.Equal(early, facts(t, bytes.NewReader(b), int64(len(b)))) {
			t.Errorf("%s: facts of the end differ: %v", name, err)
		}
		if n := len(s.requests()); c.described && (n != c.requests || r.Moved() != moved) {
			t.Errorf("%s: more than the end moved: %v", name, s.requests())
		}
		if !bytes.Equal(facts(t, r, r.Size()), facts(t, bytes.NewReader(b), int64(len(b)))) {
			t.Errorf("%s: facts differ", name)
		}
		if sum, moved, err := r.Wait(t.Context()); err != nil || sum != sumOf(b) || moved != int64(len(b)) {
			t.Errorf("%s: %d bytes of %d moved, %v", name, moved, len(b), err)
		}
	}
}

// TestRemoteHostileDirectory: an end that lies about the directory asks for nothing more.
func TestRemoteHostileDirectory(t *testing.T) {
	b := largeWheel(t, "a", 10, 4)
	before := bytes.Clone(b)
	copy(before[len(b)-endSize+12:], "\x00\x00\x00\x00\xff\xff\xff\x7f") // behind the end
	large := binary.LittleEndian.AppendUint32(append(blob(9<<20), "PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00"...), 9<<20-1000)
	large = append(binary.LittleEndian.AppendUint32(large, 1000), 0, 0)
	for name, b := range map[string][]byte{"huge": hugeDirectory(b), "outside": before, "beyond the bound": large, "no archive": blob(len(b))} {
		s := newServer(t)
		s.bytes("/"+demoFile, b)
		r := openRemote(t, newClient(t, Options{NoIndex: true, Wheels: wheels{newMemory()}}), fileOf(s, b), DownloadOptions{})
		if n := len(s.requests()); n != 1 || r.Moved() != firstTail {
			t.Errorf("%s: %v", name, s.requests())
		}
		if _, err := pipwheel.Open(r, r.Size(), demoFile, pipwheel.Options{}); err == nil {
			t.Errorf("%s: opened", name)
		}
		if _, _, err := r.Wait(t.Context()); err != nil {
			t.Errorf("%s: it is the promised file: %v", name, err)
		}
	}
}

// TestMembersOfADirectory finds where metadata begins.
func TestMembersOfADirectory(t *testing.T) {
	const text = "Name: demo\nVersion: 1.0\n"
	directory := func(b []byte) []byte { return b[bytes.Index(b, []byte("PK\x01\x02")):] }
	n := uint64(len(text))
	for name, c := range map[string]struct {
		directory []byte
		want      int64
	}{
		"metadata":        {directory(zip64Wheel(text, "demo-1.0.dist-info/METADATA", zip64Extra(n, n, 40))), 40},
		"behind":          {directory(zip64Wheel(text, "demo-1.0.dist-info/METADATA", zip64Extra(n, n, 4000))), 1000},
		"none":            {directory(zip64Wheel(text, "demo/METADATA", zip64Extra(n, n, 40))), 1000},
		"deeper":          {directory(zip64Wheel(text, "x/demo-1.0.dist-info/METADATA", zip64Extra(n, n, 40))), 1000},
		"cut":             {directory(zip64Wheel(text, "demo-1.0.dist-info/METADATA", zip64Extra(n, n, 40)))[:60], 1000},
		"cut extra":       {directory(zip64Wheel(text, "demo-1.0.dist-info/METADATA", zip64Extra(n, n))), 1000},
		"not a beginning": {[]byte("something else that is long enough to hold the header of a member"), 1000},
	} {
		if got := infoStart(c.directory, 1000); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
