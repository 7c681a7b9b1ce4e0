// Package spec holds what the user said, validated and with defaults filled in.
//
// A [Build] knows no registry and no contents of files; everything that needs them is decided
// later. Mistakes found here are usage errors ([UsageError]).
package spec

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/pkg/manifest"
	"github.com/layerpack/layerpack/pkg/tagging"
)

// Flags are the command line's words as they were given, before anything is made of them.
type Flags struct {
	Base      string
	Platforms []string
	Sources   []string
	NoSource  bool
	Name      string
	// ProjectName is the name that the project's own files give it; Name goes before it.
	ProjectName string
	Files       []string
	Wheels      []string
	Env         []string
	EnvFiles    []string
	PythonPath  []string
	WorkDir     string
	User        string
	Labels      []string
	Annotations []string
	// Entrypoint and Cmd are nil where the flag was not given.
	Entrypoint, Cmd *[]string
	Tags            []string
	Outputs         []string
	StrictRecord    bool
	// Dir is the project's folder, an absolute path of the host.
	Dir string
	// SourceDateEpoch is the value of the variable of that name, empty where it is not set.
	SourceDateEpoch string
}

// Build is a build as the user wants it.
type Build struct {
	Base     Base
	Platform v1.Platform
	Sources  []Mapping
	Files    []Mapping
	// Wheels are files and folders of the host.
	Wheels   []string
	EnvFiles []string
	// Requirements is the project's requirements.txt, which is looked for where no wheels were named.
	Requirements string
	Edits        manifest.Edits
	Annotations  []manifest.KV
	Destinations []tagging.Destination
	Output       *Output
	StrictRecord bool
	Dir          string

	pythonPathGiven bool
}

// Base is where the base image comes from: a registry, or an OCI layout on disk.
type Base struct {
	Given  string
	Ref    name.Reference // nil for a layout
	Layout string         // folder of an OCI image layout
	Tag    string         // in the layout; empty takes its only image
}

// Mapping puts a file or folder of the host at a path of the image.
type Mapping struct {
	Given string // as the user wrote it
	Src   string // absolute path on the host
	Dst   string // absolute, clean path in the image
	// Into says that the user wrote a final slash: Dst is a folder that Src goes into.
	Into bool
}

// Output is an OCI image layout to write.
type Output struct {
	Dir string // absolute path on the host
	Tag string // empty takes the build's unique tag
	// Given is the folder as the user wrote it, for the reference that is printed.
	Given string
}

// UsageError is a mistake in the command line: exit code 2.
type UsageError struct{ Err error }

func (u *UsageError) Error() string { return u.Err.Error() }

// Unwrap returns the error underneath.
func (u *UsageError) Unwrap() error { return u.Err }

func usage(format string, args ...any) error {
	return &UsageError{fmt.Errorf(format, args...)}
}

// DefaultOutput is the layout that is written where no destination was named.
const DefaultOutput = "layerpack.oci"

// projectRoot holds a project's folder, as Prefect's images have it.
const projectRoot = "/opt/prefect"

// New makes a Build of the command line's words.
func New(f Flags) (*Build, error) {
	b := &Build{Dir: f.Dir, EnvFiles: absAll(f.Dir, f.EnvFiles), Wheels: absAll(f.Dir, f.Wheels), StrictRecord: f.StrictRecord}
	for _, step := range []func(Flags) error{b.base, b.platform, b.paths, b.config, b.destinations} {
		if err := step(f); err != nil {
			return nil, err
		}
	}
	if len(f.Wheels) == 0 {
		b.Requirements = filepath.Join(f.Dir, "requirements.txt")
	}
	return b, nil
}

func (b *Build) base(f Flags) error {
	if f.Base == "" {
		return usage("--base is missing: name the image to build on, for example --base prefecthq/prefect:2-python3.11")
	}
	b.Base.Given = f.Base
	if layout, ok := strings.CutPrefix(f.Base, "oci:"); ok {
		dir, tag := splitLayout(layout)
		if dir == "" {
			return usage("--base %s: write oci:DIR or oci:DIR:TAG", f.Base)
		}
		b.Base.Layout, b.Base.Tag = abs(f.Dir, dir), tag
		return nil
	}
	for _, later := range []string{"oci-archive:", "docker-archive:"} {
		if strings.HasPrefix(f.Base, later) {
			return usage("--base %s: archives cannot be read yet; unpack it into an OCI layout (skopeo copy) and use oci:DIR", f.Base)
		}
	}
	ref, err := tagging.Base(f.Base)
	if err != nil {
		return &UsageError{err}
	}
	b.Base.Ref = ref
	return nil
}

// splitLayout divides DIR[:TAG]; a colon that a slash follows belongs to the folder.
func splitLayout(s string) (dir, tag string) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || strings.ContainsRune(s[i:], '/') {
		return s, ""
	}
	return s[:i], s[i+1:]
}

func (b *Build) platform(f Flags) error {
	var all []string
	for _, p := range f.Platforms {
		all = append(all, strings.Split(p, ",")...)
	}
	switch len(all) {
	case 0:
		all = []string{"linux/amd64"}
	case 1:
	default:
		return usage("--platform %s: one platform at a time can be built; run once for each", strings.Join(all, ","))
	}
	p, err := v1.ParsePlatform(strings.TrimSpace(all[0]))
	if err != nil || p.OS == "" || p.Architecture == "" {
		return usage("--platform %q: write OS/ARCH or OS/ARCH/VARIANT, for example linux/arm64", all[0])
	}
	if p.OS != "linux" {
		return usage("--platform %s: only Linux images can be built", all[0])
	}
	b.Platform = *p
	return nil
}

var validName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.+ -]*$`)

func (b *Build) paths(f Flags) error {
	if f.NoSource && len(f.Sources) > 0 {
		return usage("--source and --no-source cannot be given together")
	}
	sources := f.Sources
	if len(sources) == 0 && !f.NoSource {
		sources = []string{"."}
	}
	for i, s := range sources {
		m, err := mapping("--source", f.Dir, s)
		if err != nil {
			return err
		}
		if m.Dst == "" {
			project := f.projectName(i, m.Src)
			if !validName.MatchString(project) {
				return usage("--source %s: %q cannot name a folder of the image; give --name NAME or --source SRC:DST", s, project)
			}
			m.Dst = path.Join(projectRoot, project)
		}
		b.Sources = append(b.Sources, m)
	}
	for _, s := range f.Files {
		m, err := mapping("--file", f.Dir, s)
		if err != nil {
			return err
		}
		if m.Dst == "" {
			return usage("--file %s: write SRC:DST with an absolute DST", s)
		}
		b.Files = append(b.Files, m)
	}
	return nil
}

// projectName is the folder below /opt/prefect that a source without DST goes to. The names
// that flags and the project's files give are the first source's.
func (f Flags) projectName(i int, src string) string {
	switch {
	case i == 0 && f.Name != "":
		return f.Name
	case src == f.Dir && f.ProjectName != "":
		return f.ProjectName
	}
	return filepath.Base(src)
}

// mapping reads SRC[:DST]. DST begins with a slash, so the last ":/" divides.
func mapping(flag, dir, s string) (Mapping, error) {
	m := Mapping{Given: s}
	src, dst := s, ""
	if i := strings.LastIndex(s, ":"); i >= 0 {
		src, dst = s[:i], s[i+1:]
		if !path.IsAbs(dst) {
			return m, usage("%s %s: DST must be an absolute path of the image, such as %s:/opt/%s", flag, s, src, dst)
		}
	}
	if src == "" {
		return m, usage("%s %s: SRC is empty; write SRC:DST", flag, s)
	}
	m.Src = abs(dir, src)
	if dst != "" {
		m.Into = strings.HasSuffix(dst, "/") && dst != "/"
		m.Dst = path.Clean(dst)
	}
	return m, nil
}

func (b *Build) destinations(f Flags) error {
	for _, t := range f.Tags {
		d, err := tagging.ParseDestination(t)
		if err != nil {
			return usage("-t %w", err)
		}
		b.Destinations = append(b.Destinations, d)
	}
	outputs := f.Outputs
	if len(outputs) == 0 && len(f.Tags) == 0 {
		outputs = []string{"oci:" + DefaultOutput}
	}
	if len(outputs) > 1 {
		return usage("-o: one output can be written in a run")
	}
	for _, o := range outputs {
		layout, ok := strings.CutPrefix(o, "oci:")
		dir, tag := splitLayout(layout)
		if !ok || dir == "" {
			return usage("-o %s: write oci:DIR or oci:DIR:TAG", o)
		}
		b.Output = &Output{Dir: abs(f.Dir, dir), Tag: tag, Given: dir}
	}
	return nil
}

// ParseEpoch reads SOURCE_DATE_EPOCH: whole seconds since 1970 (reproducible-builds.org
// specification). An empty value is no time.
func ParseEpoch(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	var seconds int64
	if _, err := fmt.Sscanf(s, "%d", &seconds); err != nil || fmt.Sprint(seconds) != s || seconds < 0 || seconds > 253402300799 {
		return "", usage("SOURCE_DATE_EPOCH=%q: write whole seconds since 1970", s)
	}
	return time.Unix(seconds, 0).UTC().Format(time.RFC3339), nil
}

func abs(dir, p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(dir, p)
}

func absAll(dir string, paths []string) []string {
	var out []string
	for _, p := range paths {
		out = append(out, abs(dir, p))
	}
	return out
}
