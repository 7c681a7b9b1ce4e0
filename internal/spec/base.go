package spec

import (
	"regexp"
	"strings"

	"github.com/layerpack/layerpack/pkg/tagging"
)

func (b *Build) base(f Flags) error {
	if f.Base == "" {
		return usage("--base is missing: name the image to build on, for example --base prefecthq/prefect:2-python3.11")
	}
	b.Base.Given, b.Base.Kind = f.Base, kindOf(f.Base)
	if layout, ok := strings.CutPrefix(f.Base, "oci:"); ok {
		dir, tag, ok := splitLayout(layout)
		if !ok {
			return usage("--base %s: write oci:DIR or oci:DIR:TAG", f.Base)
		}
		b.Base.Path, b.Base.Tag = abs(f.Dir, dir), tag
		return nil
	}
	if b.Base.Kind != Registry {
		return b.baseArchive(f, b.Base.Kind)
	}
	ref, err := tagging.Base(f.Base)
	if err != nil {
		return usage("--base %w", err)
	}
	b.Base.Ref = ref
	return nil
}

// baseArchive reads FILE[:REF] behind the kind, as containers-transports(5) has it: the first colon divides.
func (b *Build) baseArchive(f Flags, kind Kind) error {
	file, ref, ok := splitArchive(f.Base)
	if !ok {
		return usage("--base %s: write %s:FILE or %s:FILE:%s; FILE - is standard input, and has no colon", f.Base, kind, kind, kind.reference())
	}
	switch {
	case ref == "" || validPlace.MatchString(ref):
	case kind == OCIArchive && !validRefName.MatchString(ref):
		return usage("--base %s: %q is no tag; write oci-archive:FILE:TAG", f.Base, ref)
	case kind == DockerArchive:
		if _, err := tagging.Base(ref); err != nil {
			return usage("--base %s: %w", f.Base, err)
		}
	}
	b.Base.Path, b.Base.Tag = file, ref
	if file != Stdin {
		b.Base.Path = abs(f.Dir, file)
	}
	return nil
}

// kindOf reads the word before the first colon.
func kindOf(s string) Kind {
	kind, _, ok := strings.Cut(s, ":")
	if ok && (Kind(kind) == OCILayout || Kind(kind) == OCIArchive || Kind(kind) == DockerArchive) {
		return Kind(kind)
	}
	return Registry
}

// reference is how an image in an archive is named.
func (k Kind) reference() string {
	if k == DockerArchive {
		return "NAME:TAG"
	}
	return "TAG"
}

// splitArchive divides KIND:FILE[:REF].
func splitArchive(s string) (file, ref string, ok bool) {
	_, rest, _ := strings.Cut(s, ":")
	file, ref, named := strings.Cut(rest, ":")
	return file, ref, file != "" && (ref != "" || !named)
}

var (
	validPlace = regexp.MustCompile(`^@[0-9]{1,6}$`)
	// validRefName is a little more than image-spec, "Pre-Defined Annotation Keys", allows, and has digests in it.
	validRefName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.:@/+-]{0,254}$`)
)

var validTag = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)

// splitLayout divides DIR[:TAG]; a last colon that a slash follows belongs to the folder.
func splitLayout(s string) (dir, tag string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || strings.ContainsRune(s[i:], '/') {
		return s, "", s != ""
	}
	return s[:i], s[i+1:], i > 0 && validTag.MatchString(s[i+1:])
}
