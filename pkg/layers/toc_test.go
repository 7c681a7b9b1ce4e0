package layers

import (
	"encoding/json"
	"testing"
	"unicode/utf8"
)

func TestTOC(t *testing.T) {
	rows := []*tocRow{
		{entry: with(dir("a"), func(e *Entry) { e.Target, e.Size = "no link", 7 })},
		{entry: with(link("a/l\"\\\n", "../é\u2028<"), func(e *Entry) { e.UID, e.GID, e.Size = 1, 2, 3 })},
		{entry: Entry{Path: "a/gone", Kind: Whiteout}, digest: [32]byte{1}},
		{
			entry: Entry{Path: "f", Kind: File, Mode: 0o4755, Size: 2*chunkSize + 1}, digest: [32]byte{2},
			chunks: []*tocChunk{{offset: 5, digest: [32]byte{3}}, {offset: 6}, {offset: 7}},
		},
		{entry: Entry{Path: "g", Kind: File, Size: chunkSize}, chunks: []*tocChunk{{offset: 8}}},
	}
	const zeros = "00000000000000000000000000000000000000000000000000000000000000"
	want := `{"version":1,"entries":[` +
		`{"name":"a/","type":"dir","modtime":"1980-01-02T00:00:00Z","mode":493},` +
		`{"name":"a/l\"\\\u000a","type":"symlink","modtime":"1980-01-02T00:00:00Z","linkName":"../é` + "\u2028" + `<","mode":511,"uid":1,"gid":2},` +
		`{"name":"a/.wh.gone","type":"reg","modtime":"1980-01-02T00:00:00Z","digest":"sha256:01` + zeros + `"},` +
		`{"name":"f","type":"reg","size":8388609,"modtime":"1980-01-02T00:00:00Z","mode":2541,"offset":5,"digest":"sha256:02` + zeros +
		`","chunkSize":4194304,"chunkDigest":"sha256:03` + zeros + `"},` +
		`{"name":"f","type":"chunk","offset":6,"chunkOffset":4194304,"chunkSize":4194304,"chunkDigest":"sha256:00` + zeros + `"},` +
		`{"name":"f","type":"chunk","offset":7,"chunkOffset":8388608,"chunkDigest":"sha256:00` + zeros + `"},` +
		`{"name":"g","type":"reg","size":4194304,"modtime":"1980-01-02T00:00:00Z","offset":8,"digest":"sha256:00` + zeros +
		`","chunkSize":4194304,"chunkDigest":"sha256:00` + zeros + `"}]}`
	if got := string(appendTOC(nil, rows)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func FuzzQuoted(f *testing.F) {
	for _, s := range []string{"", "a/b", "\x00\x1f\x7f\"\\", "é\u2028\U0001f40d</"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return // no entry has such a name
		}
		var back string
		if err := json.Unmarshal(appendQuoted(nil, s), &back); err != nil || back != s {
			t.Errorf("%q comes back as %q, %v", s, back, err)
		}
	})
}
