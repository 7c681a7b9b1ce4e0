package spec

import (
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/tagging"
)

func (b *Build) destinations(f Flags) error {
	for _, t := range f.Tags {
		d, err := tagging.ParseDestination(t)
		if err != nil {
			return usage("-t %w", err)
		}
		if !slices.ContainsFunc(b.Destinations, func(o tagging.Destination) bool { return same(o, d) }) {
			b.Destinations = append(b.Destinations, d)
		}
	}
	outputs := f.Outputs
	if len(outputs) == 0 && len(f.Tags) == 0 {
		outputs = []string{"oci:" + DefaultOutput}
	}
	if len(outputs) > 1 {
		return usage("-o: one output can be written in a run")
	}
	for _, o := range outputs {
		layout, oci := strings.CutPrefix(o, "oci:")
		dir, tag, ok := splitLayout(layout)
		if !oci || !ok {
			return usage("-o %s: write oci:DIR or oci:DIR:TAG", o)
		}
		b.Output = &Output{Dir: abs(f.Dir, dir), Tag: tag, Given: dir}
	}
	return nil
}

// same reports whether two destinations are one, however they were written.
func same(a, b tagging.Destination) bool {
	return a.Repository.Name() == b.Repository.Name() && a.Tag == b.Tag
}
