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
	if f.TagScheme != "" {
		scheme, err := tagging.ParseScheme(f.TagScheme)
		if err != nil {
			return usage("--tag-scheme %s: %w", f.TagScheme, err)
		}
		if !slices.ContainsFunc(b.Destinations, func(d tagging.Destination) bool { return d.Tag == "" }) {
			return usage("--tag-scheme %s: it is for a -t without a tag part; there is none", f.TagScheme)
		}
		b.TagScheme = &scheme
	}
	outputs := f.Outputs
	if len(outputs) == 0 && len(f.Tags) == 0 {
		outputs = []string{"oci:" + DefaultOutput}
	}
	if len(outputs) > 1 {
		return usage("-o: one output can be written in a run")
	}
	for _, o := range outputs {
		var err error
		if b.Output, err = output(f, o); err != nil {
			return err
		}
	}
	return nil
}

// output reads TYPE:PATH[:TAG].
func output(f Flags, o string) (*Output, error) {
	switch kind := kindOf(o); kind {
	case OCIArchive, DockerArchive:
		return outputArchive(f, o, kind)
	case OCILayout:
		if dir, tag, ok := splitLayout(strings.TrimPrefix(o, "oci:")); ok {
			return &Output{Kind: kind, Path: abs(f.Dir, dir), Tag: tag, Given: "oci:" + dir}, nil
		}
	}
	return nil, usage("-o %s: write oci:DIR or oci:DIR:TAG; oci-archive:FILE and docker-archive:FILE write archives", o)
}

// outputArchive reads FILE[:REF] behind the kind, as containers-transports(5) has it: the first colon divides.
func outputArchive(f Flags, o string, kind Kind) (*Output, error) {
	file, ref, ok := splitArchive(o)
	switch {
	case !ok:
		return nil, usage("-o %s: write %s:FILE or %s:FILE:%s; FILE has no colon", o, kind, kind, kind.reference())
	case file == Stdin:
		return nil, usage("-o %s: stdout carries the image reference; name a file or a pipe, such as %s:/dev/fd/3", o, kind)
	case ref != "" && kind == OCIArchive && (!validRefName.MatchString(ref) || strings.Contains(ref, "@")):
		return nil, usage("-o %s: %q is no tag; write oci-archive:FILE:TAG", o, ref)
	case ref != "" && kind == DockerArchive:
		d, err := tagging.ParseDestination(ref)
		if err != nil {
			return nil, usage("-o %s: %w", o, err)
		}
		if d.Tag == "" {
			return nil, usage("-o %s: %q has no tag; write docker-archive:FILE:NAME:TAG", o, ref)
		}
		ref = tagging.Canonical(d.Name(d.Tag))
	}
	return &Output{Kind: kind, Path: abs(f.Dir, file), Tag: ref, Given: string(kind) + ":" + file}, nil
}

// same reports whether two destinations are one, however they were written.
func same(a, b tagging.Destination) bool {
	return a.Repository.Name() == b.Repository.Name() && a.Tag == b.Tag
}
