package lockfile

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
)

// Write writes a pylock.toml (PEP 751) in the form that uv and pip write: keys in the order
// of the specification, one line for each file, packages by name and version, wheels by name. Equal locks are equal bytes.
func Write(w io.Writer, p *Pylock) error {
	sorted := *p
	sorted.Packages = make([]Package, len(p.Packages))
	for i, pkg := range p.Packages {
		pkg.Wheels = slices.Clone(pkg.Wheels)
		sorted.Packages[i] = pkg
	}
	sorted.order()
	var t writer
	t.str("lock-version", sorted.LockVersion)
	if sorted.Environments != nil {
		texts := make([]string, len(sorted.Environments))
		for i, m := range sorted.Environments {
			texts[i] = single(m)
		}
		slices.Sort(texts)
		t.list("environments", texts)
	}
	t.opt("requires-python", sorted.RequiresPython.String())
	t.names("extras", sorted.Extras)
	t.names("dependency-groups", sorted.DependencyGroups)
	t.names("default-groups", sorted.DefaultGroups)
	t.str("created-by", sorted.CreatedBy)
	if len(sorted.Packages) == 0 {
		t.WriteString("packages = []\n")
	}
	for i := range sorted.Packages {
		t.pkg(&sorted.Packages[i])
	}
	if _, err := io.WriteString(w, t.String()); err != nil {
		return fmt.Errorf("write pylock.toml: %w", err)
	}
	return nil
}

// writer builds TOML lines.
type writer struct{ strings.Builder }

func (t *writer) str(key, value string) { t.WriteString(key + " = " + quote(value) + "\n") }

func (t *writer) opt(key, value string) {
	if value != "" {
		t.str(key, value)
	}
}

func (t *writer) names(key string, names []string) {
	if len(names) > 0 {
		t.list(key, slices.Sorted(slices.Values(names)))
	}
}

func (t *writer) list(key string, values []string) {
	if len(values) == 0 {
		t.WriteString(key + " = []\n")
		return
	}
	t.WriteString(key + " = [\n")
	for _, v := range values {
		t.WriteString("    " + quote(v) + ",\n")
	}
	t.WriteString("]\n")
}

func (t *writer) pkg(p *Package) {
	t.WriteString("\n[[packages]]\n")
	t.str("name", p.Name)
	t.opt("version", p.Version)
	if !p.Marker.IsZero() {
		t.str("marker", single(p.Marker))
	}
	t.opt("requires-python", p.RequiresPython.String())
	if v := p.VCS; v != nil {
		t.inline("vcs", "type", v.Type, "url", v.URL, "path", v.Path, "requested-revision", v.RequestedRevision,
			"commit-id", v.CommitID, "subdirectory", v.Subdirectory)
	}
	if d := p.Directory; d != nil {
		pairs := []string{pair("path", quote(d.Path))}
		if d.Editable {
			pairs = append(pairs, "editable = true")
		}
		if d.Subdirectory != "" {
			pairs = append(pairs, pair("subdirectory", quote(d.Subdirectory)))
		}
		t.WriteString("directory = { " + strings.Join(pairs, ", ") + " }\n")
	}
	if a := p.Archive; a != nil {
		t.WriteString("archive = " + a.inline(false, a.Subdirectory) + "\n")
	}
	t.opt("index", p.Index)
	if p.Sdist != nil {
		t.WriteString("sdist = " + p.Sdist.inline(true, "") + "\n")
	}
	switch len(p.Wheels) {
	case 0:
	case 1:
		t.WriteString("wheels = [" + p.Wheels[0].inline(true, "") + "]\n")
	default:
		t.WriteString("wheels = [\n")
		for i := range p.Wheels {
			t.WriteString("    " + p.Wheels[i].inline(true, "") + ",\n")
		}
		t.WriteString("]\n")
	}
}

// inline writes a table of texts, without those that are empty.
func (t *writer) inline(key string, keysAndValues ...string) {
	var pairs []string
	for i := 0; i < len(keysAndValues); i += 2 {
		if keysAndValues[i+1] != "" {
			pairs = append(pairs, pair(keysAndValues[i], quote(keysAndValues[i+1])))
		}
	}
	t.WriteString(key + " = { " + strings.Join(pairs, ", ") + " }\n")
}

func (f *File) inline(named bool, subdirectory string) string {
	var pairs []string
	add := func(key, value string) {
		if value != "" {
			pairs = append(pairs, pair(key, quote(value)))
		}
	}
	if named {
		add("name", f.Name)
	}
	if !f.UploadTime.IsZero() {
		pairs = append(pairs, pair("upload-time", f.UploadTime.UTC().Format(time.RFC3339Nano)))
	}
	add("url", f.URL)
	add("path", f.Path)
	if f.Size > 0 {
		pairs = append(pairs, pair("size", strconv.FormatInt(f.Size, 10)))
	}
	var hashes []string
	for _, algorithm := range slices.Sorted(maps.Keys(f.Hashes)) {
		hashes = append(hashes, pair(bare(algorithm), quote(f.Hashes[algorithm])))
	}
	pairs = append(pairs, "hashes = { "+strings.Join(hashes, ", ")+" }")
	add("subdirectory", subdirectory)
	return "{ " + strings.Join(pairs, ", ") + " }"
}

func pair(key, value string) string { return key + " = " + value }

// bare is a key, quoted where TOML wants it.
func bare(key string) string {
	for _, r := range key {
		if r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return quote(key)
		}
	}
	if key == "" {
		return `""`
	}
	return key
}

// single is a marker with single quotes where that says the same, which TOML's strings need not escape.
func single(m marker.Marker) string {
	if s := m.String(); !strings.Contains(s, "'") {
		return strings.ReplaceAll(s, `"`, "'")
	}
	return m.String()
}

// quote writes a basic string of TOML.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		case r == utf8.RuneError:
			b.WriteString(`\uFFFD`)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
