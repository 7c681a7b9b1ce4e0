package baseimage

import (
	"bytes"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/elffacts"
)

// Loader is where the image's dynamic linker finds shared libraries (ld.so(8)).
type Loader struct {
	// Cache is what ld.so.cache leads to: library name -> path. Nil where there is no cache.
	Cache map[string]string `json:"cache,omitempty"`
	// Dirs are the folders of musl's path file, or, without a cache, those of ld.so.conf.
	Dirs []string `json:"dirs,omitempty"`
	// Interpreter are the facts of the Python interpreter's file.
	Interpreter *elffacts.Facts `json:"interpreter,omitempty"`
}

func asCache(b []byte) *content {
	cached, err := elffacts.LdCache(b)
	if err != nil {
		return nil // without a cache the standard folders are searched
	}
	return &content{cached: cached}
}

func asInterpreter(b []byte) *content {
	c := &content{object: parseObject(b, false)}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
	if facts, err := elffacts.Read(open, int64(len(b))); err == nil {
		c.facts = facts
	}
	if c.object == nil && c.facts == nil {
		return nil
	}
	return c
}

// loader reads what the dynamic linker's own files say, for processes of the interpreter's machine.
func (v *view) loader(machine, interpreter string) Loader {
	l := Loader{Interpreter: v.read(interpreter).facts}
	if cached := v.read("etc/ld.so.cache").cached; cached != nil {
		l.Cache = elffacts.CacheNames(cached, machine)
	} else {
		l.Dirs = v.confDirs("etc/ld.so.conf", 0)
	}
	for _, n := range v.list("etc") {
		if name := path.Base(n.Path); strings.HasPrefix(name, "ld-musl-") && strings.HasSuffix(name, ".path") {
			l.Dirs = append(l.Dirs, strings.FieldsFunc(v.of(n).text, func(r rune) bool { return r == ':' || r == '\n' })...)
		}
	}
	return l
}

// maxIncludes bounds how deep files of ld.so.conf include each other.
const maxIncludes = 4

func (v *view) confDirs(file string, depth int) []string {
	if depth > maxIncludes {
		return nil
	}
	var dirs []string
	for _, line := range elffacts.LdConf([]byte(v.read(file).text), "/"+path.Dir(file)) {
		if line.Dir != "" {
			if !slices.Contains(dirs, line.Dir) {
				dirs = append(dirs, line.Dir)
			}
			continue
		}
		dir, pattern := path.Split(strings.TrimPrefix(line.Include, "/"))
		for _, n := range v.list(dir) {
			if ok, err := path.Match(pattern, path.Base(n.Path)); err == nil && ok {
				dirs = append(dirs, v.confDirs(n.Path, depth+1)...)
			}
		}
	}
	return dirs
}
