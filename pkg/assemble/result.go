package assemble

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/push"
	"github.com/layerpack/layerpack/pkg/layers"
)

// Result is what a run tells: the document that --json prints.
type Result struct {
	// Reference is how the image is found: the first -t, else the output layout.
	Reference string `json:"reference"`
	// Digest is that of the image's manifest, or of the index of several; empty where it is only planned and not yet known.
	Digest string `json:"digest,omitempty"`
	// Platform, Base and Layers are of the one image; where there are several, Platforms has them.
	Platform string    `json:"platform,omitempty"`
	Plan     string    `json:"plan"` // digest of the plan
	Base     plan.Base `json:"base,omitzero"`
	Layers   []Layer   `json:"layers,omitzero"`
	// Platforms are the images of an index, in its order.
	Platforms []PlatformResult `json:"platforms,omitempty"`
	// Destinations tells what was done for each -t and -o.
	Destinations []*push.Receipt `json:"destinations,omitempty"`

	repository string // of the first destination, for a reference by digest
	layout     string // "oci:DIR" or the like, where there is none
}

// DifferenceError says that an image is not the one that was expected. It has no tag and no manifest then; its layers may have been sent.
type DifferenceError struct{ Want, Got string } // digests

func (e *DifferenceError) Error() string {
	return fmt.Sprintf("the image is %s and not %s, as --expect says: an input differs, the base's tag has moved, or another version of layerpack made it; nothing is tagged", e.Got, e.Want)
}

// PlatformResult is one image of several.
type PlatformResult struct {
	Platform string `json:"platform"`
	// Digest is that of the image's manifest; empty where it is only planned and not yet known.
	Digest string    `json:"digest,omitempty"`
	Plan   string    `json:"plan"` // digest of the plan of this image alone
	Base   plan.Base `json:"base"`
	Layers []Layer   `json:"layers"`
}

// Layer is one layer of the image, the base's first.
type Layer struct {
	Role   string     `json:"role"`
	Title  string     `json:"title,omitempty"`
	Key    layers.Key `json:"key,omitempty"`
	Digest string     `json:"digest,omitempty"`
	DiffID string     `json:"diffID,omitempty"`
	Size   int64      `json:"size,omitempty"` // of the blob, in bytes
	// Wheels are the files of the wheels that the layer holds.
	Wheels []string `json:"wheels,omitempty"`
	// Reused says that the layer's record was known and it was not built.
	Reused bool `json:"reused"`
	// Shared says that the image of another platform has the same layer: it is built and sent once.
	Shared bool `json:"shared,omitempty"`
	// Why says why the layer was not built, or what changed since it was built before.
	Why string `json:"why,omitempty"`
	// Cost is what moves for it to the first destination, in bytes.
	Cost int64 `json:"cost"`
	// Estimated says that Cost is: the layer has not been built yet.
	Estimated bool `json:"estimated,omitempty"`
	// How says how the layer got to the first destination: present, mounted, uploaded, streamed or written. Of a build
	// that is only planned it is what is expected.
	How push.How `json:"how,omitempty"`

	digest v1.Hash
}

const roleBase = "base"

// reference is where the image will be found.
func (j *job) reference() string {
	if d := j.run.build.Destinations; len(d) > 0 {
		return d[0].Reference(j.tag)
	}
	return j.outputReference()
}

func (j *job) begin() *Result {
	res := &Result{Reference: j.reference(), Plan: j.digest}
	if d := j.run.build.Destinations; len(d) > 0 {
		res.repository = strings.TrimSuffix(d[0].Given, ":"+d[0].Tag)
	}
	if o := j.run.build.Output; o != nil {
		res.layout = o.Given
	}
	return res
}

// complete gives a result its images.
func (res *Result) complete(images []PlatformResult) *Result {
	if len(images) > 1 {
		res.Platforms = images
		return res
	}
	one := images[0]
	res.Platform, res.Base, res.Layers = one.Platform, one.Base, one.Layers
	return res
}

func (p *planned) begin() PlatformResult {
	out := PlatformResult{Platform: p.platform.String(), Plan: p.digest, Base: p.plan.Images[0].Base, Layers: []Layer{}}
	for i, d := range p.base.image.Manifest.Layers {
		out.Layers = append(out.Layers, Layer{
			Role: roleBase, Digest: d.Digest.String(), DiffID: p.base.image.DiffIDs[i].String(), Size: d.Size, Reused: true, digest: d.Digest,
		})
	}
	return out
}

// forecast is the result of a build that is only planned: digests are known where records are.
func (j *job) forecast(pusher *push.Registry) *Result {
	var images []PlatformResult
	seen := map[*blob]bool{} // of images before
	for _, p := range j.images {
		one := p.begin()
		for i := range one.Layers {
			p.run.cost(&one.Layers[i], nil, pusher)
		}
		previous := p.run.previous(p)
		for _, l := range p.blobs.list {
			out := ofPlan(l)
			if l.record != nil {
				out.fill(l.record)
			}
			out.Reused, out.Why = l.record != nil, l.why(previous)
			p.run.cost(&out, l, pusher)
			if seen[l] {
				out.Cost, out.Estimated = 0, false
			}
			seen[l] = true
			one.Layers = append(one.Layers, out)
		}
		images = append(images, one)
	}
	return j.begin().complete(images)
}

// ofPlan is what the plan says of a layer.
func ofPlan(b *blob) Layer {
	l := b.layer
	out := Layer{Role: string(l.Recipe.Role), Title: l.Title, Key: l.Key, Shared: b.images > 1}
	for _, w := range l.Recipe.Wheels {
		out.Wheels = append(out.Wheels, w.File)
	}
	return out
}

func (l *Layer) fill(rec *layers.Record) {
	l.Digest, l.DiffID, l.Size, l.digest = rec.Digest.String(), rec.DiffID.String(), rec.Size, rec.Digest
}

// result is the result of a build.
func (j *job) result(made *artifact) (*Result, error) {
	var images []PlatformResult
	for i, p := range j.images {
		digest, err := made.images[i].Digest()
		if err != nil {
			return nil, fmt.Errorf("naming the image: %w", err)
		}
		one := p.begin()
		one.Digest = digest.String()
		previous := p.run.previous(p)
		for _, l := range p.blobs.list {
			out := ofPlan(l)
			out.Reused, out.Why = l.reused, l.why(previous)
			out.fill(l.record)
			one.Layers = append(one.Layers, out)
		}
		images = append(images, one)
	}
	digest, err := made.digest()
	if err != nil {
		return nil, fmt.Errorf("naming the image: %w", err)
	}
	res := j.begin().complete(images)
	res.Digest = digest.String()
	return res, nil
}

// explain says of each layer how it got to the first destination.
func (res *Result) explain() {
	if len(res.Destinations) == 0 {
		return
	}
	told := map[string]push.Blob{}
	for _, b := range res.Destinations[0].Blobs {
		if _, ok := told[b.Digest.String()]; !ok { // a blob that comes twice is moved once
			told[b.Digest.String()] = b
		}
	}
	before := map[string]bool{} // what images before have
	for _, layers := range res.layers() {
		for i := range layers {
			l := &layers[i]
			b := told[l.Digest]
			l.How, l.Cost = b.How, b.Moved()
			if before[l.Digest] {
				l.Cost = 0
			}
			if l.Role == roleBase {
				l.Why = b.Why
			}
		}
		for _, l := range layers {
			before[l.Digest] = true
		}
	}
}

// layers are those of each image.
func (res *Result) layers() [][]Layer {
	if len(res.Platforms) == 0 {
		return [][]Layer{res.Layers}
	}
	var out [][]Layer
	for _, p := range res.Platforms {
		out = append(out, p.Layers)
	}
	return out
}

// DigestReference is the image by its digest: "name@sha256:…".
func (res *Result) DigestReference() string {
	if res.repository == "" {
		return res.layout + "@" + res.Digest
	}
	return res.repository + "@" + res.Digest
}

// summary counts what was done: "5 mounted, 1 uploaded (12.4 MB)".
func summary(d *push.Receipt) string {
	count := map[push.How]int{}
	seen := map[v1.Hash]bool{}
	for _, b := range d.Blobs {
		if !seen[b.Digest] {
			seen[b.Digest] = true
			count[b.How]++
		}
	}
	var parts []string
	for _, how := range slices.Sorted(maps.Keys(count)) {
		parts = append(parts, fmt.Sprintf("%d %s", count[how], how))
	}
	return fmt.Sprintf("%s blobs, %s moved", strings.Join(parts, ", "), progress.Size(d.Moved()))
}
