package assemble

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/store"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel/index"
)

// onHost is a folder of which every file has the same bytes.
type onHost []byte

type content struct{ *bytes.Reader }

func (content) Close() error { return nil }

func (h onHost) Open(string) (index.Content, error)    { return content{bytes.NewReader(h)}, nil }
func (onHost) Files(string) ([]index.LocalFile, error) { return nil, nil }
func (onHost) Page(string, int64) ([]byte, error)      { return nil, nil }

// TestVerifiedIsThePlans: a wheel may be what somebody says of it and still not what a layer's key promises. Neither that
// layer nor what the wheel said of itself is kept, whether the layer is built or known.
func TestVerifiedIsThePlans(t *testing.T) {
	const file = "app-1.0-py3-none-any.whl"
	raw := []byte("as good as a wheel")
	sum := sha256.Sum256(raw)
	own, zero := hex.EncodeToString(sum[:]), strings.Repeat("0", 64)
	for name, c := range map[string]struct {
		planned []string
		want    string
	}{
		"the plan's":      {[]string{own}, ""},
		"one of two":      {[]string{zero, own}, ""},
		"another":         {[]string{zero}, "which the plan does not know"},
		"another's place": {[]string{zero, strings.Repeat("1", 64)}, own},
	} {
		t.Run(name, func(t *testing.T) {
			s := store.New(t.TempDir(), t.TempDir())
			client, err := index.New(index.Options{NoIndex: true, Local: onHost(raw)})
			if err != nil {
				t.Fatal(err)
			}
			at, err := index.FileAt("file:///links/" + file)
			if err != nil {
				t.Fatal(err)
			}
			remote, err := client.Remote(t.Context(), at, index.DownloadOptions{AnyOf: []index.Hash{{Algorithm: "sha256", Hex: own}, {Algorithm: "sha256", Hex: zero}}})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = remote.Close() }()
			var on arrivals
			on.expect(file)
			on.add(file, &arrival{Remote: remote, facts: []byte("facts"), forget: func() error { return nil }})
			l := &plan.Layer{Title: "app 1.0"}
			for _, p := range c.planned {
				l.Recipe.Wheels = append(l.Recipe.Wheels, layers.WheelInput{File: file, SHA256: p})
			}
			shop := &workshop{run: &run{shared: &shared{store: s}, host: Host{Progress: progress.Discard{}}}, arrivals: &on}
			b := &blobs{workshop: shop, list: []*blob{{layer: l}}}
			err = b.allVerified(t.Context())
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), l.Title)) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if _, kept := s.Get(wheelFacts, own); (kept == nil) != (c.want == "") {
				t.Errorf("facts: %v", kept)
			}
		})
	}
}
