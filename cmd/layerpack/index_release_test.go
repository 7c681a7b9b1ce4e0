package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/layerpack/layerpack/internal/fakewheel"
)

// release publishes a wheel: tag=TAG, requires=REQ, extra=NAME, python=SPECIFIER, file=PATH=TEXT, uploaded=TIME,
// yanked=REASON; fill=BYTES for one of that size; inside=NAME-VERSION for one that is another, claims=REQ for metadata
// beside it that has another requirement, garbage for one that is none. The word sdist makes it a source distribution.
func (i *packageIndex) release(name, version string, words ...string) error {
	r := release{name: normal(name)}
	w := fakewheel.Wheel{Name: name, Version: version, Files: map[string]string{}}
	more := map[string][]string{}
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "tag":
			w.Tag = value
		case "requires":
			w.Requires = append(w.Requires, value)
		case "file":
			path, text, _ := strings.Cut(value, "=")
			w.Files[path] = text
		case "uploaded":
			r.uploaded = value
		case "yanked":
			r.yanked = &value
		case "fill":
			n, err := strconv.Atoi(value)
			if err != nil {
				return err
			}
			line := name + " " + version + "\n"
			w.Files[strings.ReplaceAll(name, "-", "_")+"/fill.txt"] = strings.Repeat(line, n/len(line))
		case "extra", "python", "inside", "claims", "garbage", "sdist":
			more[key] = append(more[key], value)
		default:
			return fmt.Errorf("release: no %q", word)
		}
	}
	if r.file = w.Filename(); more["sdist"] != nil {
		r.file = strings.ReplaceAll(name, "-", "_") + "-" + version + ".tar.gz"
		r.raw = []byte("a source distribution")
		i.publish(r)
		return nil
	}
	if err := r.make(w, more); err != nil {
		return err
	}
	i.publish(r)
	return nil
}

// make fills in a wheel, and what the index says of it.
func (r *release) make(w fakewheel.Wheel, more map[string][]string) error {
	if inside := more["inside"]; inside != nil {
		w.Name, w.Version, _ = strings.Cut(inside[0], "-")
	}
	if len(w.Files) == 0 {
		w.Files[strings.ReplaceAll(w.Name, "-", "_")+"/__init__.py"] = "version = \"" + w.Version + "\"\n"
	}
	w.Requires = withFields(w.Requires, more)
	var err error
	if r.raw, err = w.Bytes(); err != nil {
		return err
	}
	if more["garbage"] != nil {
		r.raw = []byte(strings.Repeat("no wheel at all\n", 100))
	}
	if python := more["python"]; python != nil {
		r.python = python[0]
	}
	text := "Metadata-Version: 2.1\nName: " + w.Name + "\nVersion: " + w.Version + "\n"
	for _, line := range append(w.Requires, more["claims"]...) {
		text += "Requires-Dist: " + line + "\n"
	}
	r.metadata = []byte(text)
	return nil
}

// withFields puts further fields of METADATA behind the last requirement, which fakewheel writes as it stands.
func withFields(requires []string, more map[string][]string) []string {
	fields := ""
	for _, extra := range more["extra"] {
		fields += "\nProvides-Extra: " + extra
	}
	for _, python := range more["python"] {
		fields += "\nRequires-Python: " + python
	}
	if fields == "" {
		return requires
	}
	requires = slices.Clone(requires)
	if len(requires) == 0 {
		requires = []string{`unused; python_version < "3"`}
	}
	requires[len(requires)-1] += fields
	return requires
}

// become changes how the index answers from now on.
func (i *packageIndex) become(word string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	key, value, _ := strings.Cut(word, "=")
	switch key {
	case "html", "json":
		i.html = key == "html"
	case "bare":
		i.bare = true
	case "whole":
		i.whole = true
	case "vague":
		i.vague = true
	case "up", "down":
		i.down = key == "down"
	case "fresh":
		i.fresh = "max-age=" + value
	case "auth":
		i.user, i.password, _ = strings.Cut(value, ":")
	default:
		return fmt.Errorf("index: no %q", word)
	}
	return nil
}
