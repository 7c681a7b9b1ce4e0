// Package plan decides everything about an image before a byte of it is made.
//
// A [Plan] is pure data made from what the user said and from facts: names, hashes, tags,
// the base's profile. It is the same whatever caches or registries hold. Its digest names the
// build, and every layer of it has a key, so that what is known need not be built.
package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/manifest"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Format is the version of the plan's JSON form.
const Format = 1

// Annotations that every image gets; the first two are image-spec's ("Pre-Defined Annotation Keys").
const (
	AnnotationBaseName   = "org.opencontainers.image.base.name"
	AnnotationBaseDigest = "org.opencontainers.image.base.digest"
	AnnotationPlan       = "dev.layerpack.plan"
)

// Plan is everything decided about a build. Its JSON form is canonical: sorted, and the
// same for the same inputs.
type Plan struct {
	Format int     `json:"format"`
	Images []Image `json:"images"` // one for each platform
}

// Image is the plan of one platform's image.
type Image struct {
	Platform    string           `json:"platform"`
	Base        Base             `json:"base"`
	Python      *pipwheel.Target `json:"python,omitempty"`
	Layers      []Layer          `json:"layers"`
	Config      manifest.Edits   `json:"config"`
	Annotations []manifest.KV    `json:"annotations,omitempty"`
	// Relaxed names what was let through that is refused otherwise.
	Relaxed []string `json:"relaxed,omitempty"`

	// Installed are the wheels that go in, Replaced the distributions of the base that go; checks
	// need them, and the recipes say them already.
	Installed []Wheel                 `json:"-"`
	Replaced  []pipwheel.Distribution `json:"-"`
}

// Base is the base image, pinned.
type Base struct {
	Name   string `json:"name,omitempty"` // canonical reference; empty for a layout
	Digest string `json:"digest"`         // of what the reference names: an index or a manifest
	// Manifest is the digest of the platform's manifest.
	Manifest string `json:"manifest"`
	Layers   int    `json:"layers"`
}

// Layer is one layer to put on the base.
type Layer struct {
	Key    layers.Key    `json:"key"`
	Title  string        `json:"title"` // for people: what is in it
	Recipe layers.Recipe `json:"recipe"`

	entries []layers.Entry
}

// Entries returns what the layer is built from, in the order of its paths.
func (l *Layer) Entries() []layers.Entry { return l.entries }

// Complete gives the entries of wheels that were planned from facts their bytes: the wheels are opened.
func (l *Layer) Complete() error {
	for i, e := range l.entries {
		var err error
		if l.entries[i], err = pipwheel.Complete(e); err != nil {
			return err
		}
	}
	return nil
}

// Inputs are the facts that decisions are made from.
type Inputs struct {
	Build   *spec.Build
	Base    Base
	Image   *manifest.Base
	Profile *baseimage.Profile
	// Owned gives the files of each distribution of the base, by its metadata folder. It is asked
	// for only where one is replaced, or a file of the base would be.
	Owned    func() (map[string][]baseimage.OwnedFile, error)
	Sources  []Tree
	Files    []Tree
	Wheels   []Wheel
	Platform string
	// Prioritize lists paths of the image that come first in eStargz layers.
	Prioritize []string
}

// Tree is a folder or file of the host, hashed, with its place in the image.
type Tree struct {
	Mapping spec.Mapping
	*source.Tree
}

// Wheel is an opened wheel with the SHA-256 of its file.
type Wheel struct {
	*pipwheel.Wheel
	SHA256 [sha256.Size]byte
	// Order is the wheel's place on the command line, then by name.
	Order int
	// Transitive says that the user did not name the distribution: others need it.
	Transitive bool
	// DirectURL is the address by which the user named the wheel (PEP 610); empty otherwise.
	DirectURL string
}

// Make decides. notes are for people, after a refusal too: what was skipped, replaced or healed. What cannot
// become an image is refused ([github.com/layerpack/layerpack/pkg/refusal.Error]).
func Make(in Inputs) (p *Plan, notes []string, err error) {
	img := Image{
		Platform: in.Platform, Base: in.Base,
		Config: in.Build.Edits, Annotations: in.Build.Annotations, Relaxed: in.Build.Install.Relaxed(),
	}
	b := newBuilder(in)
	if len(in.Wheels) > 0 {
		img.Python = in.Profile.Python
		if err := b.wheels(in.Wheels); err != nil {
			return nil, b.notes, err
		}
	}
	if err := b.trees(layers.RoleFiles, in.Files); err != nil {
		return nil, b.notes, err
	}
	if err := b.trees(layers.RoleSource, in.Sources); err != nil {
		return nil, b.notes, err
	}
	img.Installed, img.Replaced = b.installed, b.replaced
	if img.Layers, err = b.finish(); err != nil {
		return nil, b.notes, err
	}
	if n := in.Base.Layers + len(img.Layers); n > maxLayers {
		return nil, nil, refusal.New(in.Build.Base.Given, fmt.Sprintf("the image would have %d layers, %d of them the base's; runtimes stack %d", n, in.Base.Layers, maxLayers),
			"use a base with fewer layers")
	}
	return &Plan{Format: Format, Images: []Image{img}}, b.notes, nil
}

// JSON returns the plan's canonical form.
func (p *Plan) JSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p); err != nil {
		return nil, fmt.Errorf("writing the plan: %w", err)
	}
	return b.Bytes(), nil
}

// Digest returns the SHA-256 of the plan's canonical form, "sha256:" and 64 hex digits.
func (p *Plan) Digest() (string, error) {
	b, err := p.JSON()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}
