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
	"github.com/layerpack/layerpack/pkg/manifest"
)

// Result is what a run tells: the document that --json prints.
type Result struct {
	// Reference is how the image is found: the first -t, else the output layout.
	Reference string `json:"reference"`
	// Digest is that of the image's manifest; empty where it is only planned and not yet known.
	Digest   string    `json:"digest,omitempty"`
	Platform string    `json:"platform"`
	Plan     string    `json:"plan"` // digest of the plan
	Base     plan.Base `json:"base"`
	Layers   []Layer   `json:"layers"`
	// Destinations tells what was done for each -t and -o.
	Destinations []*push.Receipt `json:"destinations,omitempty"`

	repository string // of the first destination, for a reference by digest
	layout     string // "oci:DIR" or the like, where there is none
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
func (r *run) reference(p *planned) string {
	if len(r.build.Destinations) > 0 {
		return r.build.Destinations[0].Reference(p.tag)
	}
	return r.outputReference(p)
}

func (r *run) begin(p *planned) *Result {
	res := &Result{
		Reference: r.reference(p), Platform: r.build.Platform.String(),
		Plan: p.digest, Base: p.plan.Images[0].Base,
	}
	if len(r.build.Destinations) > 0 {
		res.repository = strings.TrimSuffix(r.build.Destinations[0].Given, ":"+r.build.Destinations[0].Tag)
	}
	if r.build.Output != nil {
		res.layout = r.build.Output.Given
	}
	for i, d := range p.base.image.Manifest.Layers {
		res.Layers = append(res.Layers, Layer{
			Role: roleBase, Digest: d.Digest.String(), DiffID: p.base.image.DiffIDs[i].String(), Size: d.Size, Reused: true, digest: d.Digest,
		})
	}
	return res
}

// forecast is the result of a build that is only planned: digests are known where records are.
func (r *run) forecast(p *planned, b *blobs, pusher *push.Registry) *Result {
	res := r.begin(p)
	for i := range res.Layers {
		r.cost(&res.Layers[i], nil, pusher)
	}
	previous := r.previous(p)
	for _, l := range b.list {
		out := ofPlan(l.layer)
		if l.record != nil {
			out.fill(l.record)
		}
		out.Reused, out.Why = l.record != nil, l.why(previous)
		r.cost(&out, l, pusher)
		res.Layers = append(res.Layers, out)
	}
	return res
}

// ofPlan is what the plan says of a layer.
func ofPlan(l *plan.Layer) Layer {
	out := Layer{Role: string(l.Recipe.Role), Title: l.Title, Key: l.Key}
	for _, w := range l.Recipe.Wheels {
		out.Wheels = append(out.Wheels, w.File)
	}
	return out
}

func (l *Layer) fill(rec *layers.Record) {
	l.Digest, l.DiffID, l.Size, l.digest = rec.Digest.String(), rec.DiffID.String(), rec.Size, rec.Digest
}

// result is the result of a build.
func (r *run) result(p *planned, img *manifest.Image, b *blobs) (*Result, error) {
	digest, err := img.Digest()
	if err != nil {
		return nil, fmt.Errorf("naming the image: %w", err)
	}
	res := r.begin(p)
	res.Digest = digest.String()
	previous := r.previous(p)
	for _, l := range b.list {
		out := ofPlan(l.layer)
		out.Reused, out.Why = l.reused, l.why(previous)
		out.fill(l.record)
		res.Layers = append(res.Layers, out)
	}
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
	for i := range res.Layers {
		l := &res.Layers[i]
		b := told[l.Digest]
		l.How, l.Cost = b.How, b.Moved()
		if l.Role == roleBase {
			l.Why = b.Why
		}
	}
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
