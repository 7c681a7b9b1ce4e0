package main

import (
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// TestLyingEndOfAKnownLayer: the registry has the layer already, so that no byte of the wheel goes into what is built. What
// its end alone says decides on the image all the same, so that all of it must be right before a tag moves.
func TestLyingEndOfAKnownLayer(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	w := m.world
	m.publish(t, w.index, nil, false)
	if err := w.index.become("bare"); err != nil {
		t.Fatal(err)
	}
	want, stderr, code := m.build(t, m.other("first"), "known:1", "--pip", "app")
	if code != 0 {
		t.Fatal(stderr)
	}
	// An honest index, a machine that knows nothing, the same tag: nothing is built.
	got, stderr, code := m.build(t, m.other("second"), "known:1", "--pip", "app")
	if code != 0 || got != want || strings.Contains(stderr, "building layer") {
		t.Fatalf("exit code %d, digest %s, want %s\n%s", code, got, want, stderr)
	}
	m.publish(t, w.extra, nil, true)
	if err := w.index.lie("other-end="+w.extra.host, "files/part-1.0-py3-none-any.whl", -1); err != nil {
		t.Fatal(err)
	}
	w.main.take()
	_, stderr, code = m.build(t, m.cache, "known:1", "--pip", "app")
	if code != exitRefused || !strings.Contains(stderr, "part-1.0") || !strings.Contains(stderr, "not what its index says") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	if strings.Contains(stderr, "building layer") {
		t.Error("a layer was built that the registry knows")
	}
	if w.main.wrote() {
		t.Error("a manifest was written")
	}
	// Nor is a tag given to what another one held.
	if _, stderr, code = m.build(t, m.cache, "known:2", "--pip", "app", "--cache-from", m.host+"/team/known:1"); code != exitRefused {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	ref, err := name.NewTag(m.host + "/team/known:1")
	if err != nil {
		t.Fatal(err)
	}
	if list, err := remote.List(ref.Context()); err != nil || len(list) != 1 {
		t.Errorf("tags %q: %v", list, err)
	}
	if now, err := remote.Get(ref); err != nil || now.Digest.String() != want {
		t.Errorf("the tag holds %v: %v", now, err)
	}
	if err := w.index.lie("none", "", 0); err != nil {
		t.Fatal(err)
	}
	if got, stderr, code = m.build(t, m.cache, "known:1", "--pip", "app"); code != 0 || got != want {
		t.Errorf("from the honest index: exit code %d, digest %s, want %s\n%s", code, got, want, stderr)
	}
	m.clean(t)
}
