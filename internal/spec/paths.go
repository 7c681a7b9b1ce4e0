package spec

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// projectRoot holds a project's folder, as Prefect's images have it.
const projectRoot = "/opt/prefect"

// validName is what a project's folder may be called without asking: words of any language.
// What a shell, PYTHONPATH or a template would read as something else is left out.
var validName = regexp.MustCompile(`^[\pL\pN_]([\pL\pM\pN_.+@ -]*[\pL\pM\pN_.+@-])?$`)

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
			project, origin := f.projectName(i, s, m.Src)
			if !validName.MatchString(project) || len(project) > 255 {
				return usage("%s: %q cannot name a folder of the image; give --name NAME or --source SRC:DST", origin, project)
			}
			m.Dst = path.Join(projectRoot, project)
			if i == 0 {
				b.Name = project
			}
		}
		if strings.Contains(m.Dst, ":") {
			return usage("--source %s: a DST with a colon cannot be on PYTHONPATH", s)
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

// projectName is the folder below /opt/prefect that a source without DST goes to, and who
// says so. The names that flags and the project's files give are the first source's.
func (f Flags) projectName(i int, given, src string) (name, origin string) {
	switch {
	case i == 0 && f.Name != "":
		return f.Name, "--name"
	case src == filepath.Clean(f.Dir) && f.ProjectName != "":
		return f.ProjectName, "the name in prefect.yaml"
	}
	return filepath.Base(src), "--source " + given
}

// mapping reads SRC[:DST]. DST begins with a slash, so the last ":/" divides: SRC and DST may
// have other colons.
func mapping(flag, dir, s string) (Mapping, error) {
	m := Mapping{Given: s}
	src, dst := s, ""
	if i := strings.LastIndex(s, ":/"); i >= 0 {
		src, dst = s[:i], s[i+1:]
		if why := badPath(dst); why != "" {
			return m, usage("%s %s: DST: %s", flag, s, why)
		}
	} else if i := strings.LastIndex(s, ":"); i >= 0 {
		return m, usage("%s %s: DST must be an absolute path of the image, such as %s:/opt/%s", flag, s, s[:i], s[i+1:])
	}
	if src == "" {
		return m, usage("%s %s: SRC is empty; write SRC:DST", flag, s)
	}
	m.Src = abs(dir, src)
	if dst != "" {
		m.Into = strings.HasSuffix(dst, "/") && path.Clean(dst) != "/"
		m.Dst = path.Clean(dst)
	}
	return m, nil
}

// badPath says what to do about a path that is no plain absolute one of the image. A ".." is
// not resolved here: what it means depends on the base's links.
func badPath(p string) string {
	switch {
	case !path.IsAbs(p):
		return "write an absolute path of the image"
	case slices.Contains(strings.Split(p, "/"), ".."):
		return `write it without ".."`
	case !utf8.ValidString(p) || strings.ContainsFunc(p, unicode.IsControl):
		return "leave control characters out and write UTF-8"
	}
	return ""
}
