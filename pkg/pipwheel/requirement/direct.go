package requirement

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// Reasons why something must be built first.
const (
	buildSource   = "a source distribution"
	buildFolder   = "a folder with a project"
	buildEditable = "an editable install"
	buildCheckout = "a checkout from version control"
)

// urlScheme is the scheme of what pip takes for a URL, in lower case, else empty.
func urlScheme(s string) string {
	scheme, _, ok := strings.Cut(s, ":")
	if scheme = strings.ToLower(scheme); !ok {
		return ""
	}
	switch kind, over, plus := strings.Cut(scheme, "+"); {
	case !plus && (kind == "http" || kind == "https" || kind == "file" || kind == "ftp"):
		return scheme
	case plus && over != "" && (kind == "git" || kind == "hg" || kind == "svn" || kind == "bzr"):
		return scheme
	}
	return ""
}

// parse reads the part of a line that is a requirement, as pip does: the marker begins at the first ";", or in a URL at the
// first "; ", and what is a URL, or ends like an archive, or looks like a path, is no name.
func (r *Requirement) parse(text string) error {
	separator := ";"
	if urlScheme(text) != "" {
		separator = "; "
	}
	what, condition, _ := strings.Cut(text, separator)
	what = strings.TrimSpace(what)
	if condition = strings.TrimSpace(condition); condition != "" {
		m, err := marker.Parse(condition)
		if err != nil {
			return fmt.Errorf("the marker: %w", err)
		}
		r.Marker = m
	}
	if urlScheme(what) != "" {
		return r.direct(what)
	}
	file, extras := cutExtras(what)
	named, _, isReference := strings.Cut(what, "@")
	if isArchive(file) && (!isReference || looksLikePath(named)) {
		if err := r.extras(extras); err != nil {
			return err
		}
		return r.local(file)
	}
	req, err := marker.ParseRequirement(what)
	switch {
	case err == nil:
		req.Marker = r.Marker
		r.Requirement = req
		if req.URL != "" {
			return r.direct(req.URL)
		}
		return nil
	case looksLikePath(what) && !isReference && !strings.ContainsFunc(what[:max(0, strings.IndexByte(what, '/'))], version.IsSpace):
		r.Build = buildFolder
		return nil
	case strings.Contains(what, "=") && !strings.ContainsAny(what, "<>~!") && !strings.Contains(what, "=="):
		return fmt.Errorf("%w (= is no operator, == is)", err)
	}
	return err
}

// direct classifies a URL.
func (r *Requirement) direct(link string) error {
	scheme := urlScheme(link)
	u, err := url.Parse(link)
	switch {
	case err != nil:
		return fmt.Errorf("not a URL that can be read")
	case strings.Contains(scheme, "+"):
		return r.build(buildCheckout, link)
	case scheme == "" || scheme == "ftp":
		return fmt.Errorf("a URL begins with https://, http:// or file://")
	}
	name := path.Base(strings.TrimRight(u.Path, "/"))
	if scheme == "file" {
		if u.Host != "" && u.Host != "localhost" {
			return fmt.Errorf("a file: URL has no host")
		}
		if u.Path == "" {
			u.Path = u.Opaque
			name = path.Base(strings.TrimRight(u.Path, "/"))
		}
		if !isArchive(name) {
			return r.build(buildFolder, link)
		}
	}
	if path.Ext(name) != ".whl" {
		return r.build(buildSource, link)
	}
	w := &Wheel{URL: link, File: name, Hash: fragmentHash(link)}
	if scheme == "file" {
		w.URL, w.Path = "", u.Path
	}
	return r.wheel(w)
}

// build keeps what a URL's "#egg=" fragment says the name is.
func (r *Requirement) build(why, link string) error {
	r.Build = why
	name := fragment(link, "egg")
	if name != "" && !distname.Valid(name) {
		return fmt.Errorf("#egg=%s is not followed by a name alone", name)
	}
	if r.Name == "" {
		r.Name = name
	}
	return nil
}

// local classifies a path that ends like an archive.
func (r *Requirement) local(file string) error {
	if path.Ext(file) != ".whl" {
		r.Build = buildSource
		return nil
	}
	return r.wheel(&Wheel{Path: file, File: path.Base(file)})
}

// wheel takes name and version from the file's name.
func (r *Requirement) wheel(w *Wheel) error {
	f, err := tag.ParseFilename(w.File)
	if err != nil {
		return err
	}
	if r.Name == "" {
		r.Name = f.Name
	} else if r.Key() != distname.Normalize(f.Name) {
		return fmt.Errorf("%s is a wheel of %s, not of %s", w.File, f.Name, r.Name)
	}
	w.Version, r.Wheel = f.Version, w
	return nil
}

// extras sets the extras that stand behind a path.
func (r *Requirement) extras(text string) error {
	if text == "" {
		return nil
	}
	req, err := marker.ParseRequirement("x" + text)
	r.Extras = req.Extras
	return err
}

// cutExtras splits "file.whl[a,b]".
func cutExtras(s string) (file, extras string) {
	if i := strings.LastIndexByte(s, '['); i > 0 && strings.HasSuffix(s, "]") && i+2 < len(s) {
		return strings.TrimSpace(s[:i]), s[i:]
	}
	return s, ""
}

func isArchive(name string) bool {
	name = strings.ToLower(path.Base(name))
	for _, ext := range []string{
		".zip", ".whl", ".tar.bz2", ".tbz", ".tar.gz", ".tgz", ".tar", ".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma",
	} {
		if strings.HasSuffix(name, ext) {
			return true
		}
	}
	return false
}

func looksLikePath(s string) bool { return strings.Contains(s, "/") || strings.HasPrefix(s, ".") }

// fragment is the value of a key in what follows "#" of a URL.
func fragment(link, key string) string {
	_, f, _ := strings.Cut(link, "#")
	for pair := range strings.SplitSeq(f, "&") {
		if k, v, ok := strings.Cut(pair, "="); ok && k == key {
			return v
		}
	}
	return ""
}

// fragmentHash is the hash that a URL promises, of those that are strong.
func fragmentHash(link string) string {
	for _, algorithm := range []string{"sha512", "sha384", "sha256"} {
		if digest := fragment(link, algorithm); digest != "" {
			return algorithm + ":" + strings.ToLower(digest)
		}
	}
	return ""
}
