package baseimage

import (
	"bytes"
	"path"
	"strings"

	"github.com/layerpack/layerpack/internal/elffacts"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// content is what is kept of a file's bytes: one field, by the file's name.
type content struct {
	text      string              // pyvenv.cfg, passwd and the like, whole
	object    *object             // interpreters and C libraries
	dist      *metadata           // METADATA, PKG-INFO
	record    []pipwheel.Recorded // RECORD: the files it lists
	cached    []elffacts.Cached   // ld.so.cache
	facts     *elffacts.Facts     // interpreters
	sysconfig map[string]string   // _sysconfigdata_*.py
	packages  map[string]string   // dpkg's and apk's databases: package -> version
	marks     map[string]bool     // sysconfig.py and others: which of some words occur
}

// rule says how much of a file is looked at and what is made of it; parse returns nil for nothing
// and keeps no reference to its argument.
type rule struct {
	limit int64
	parse func([]byte) *content
}

func asText(b []byte) *content { return &content{text: strings.ToValidUTF8(string(b), "\uFFFD")} }

// asRecord keeps what a RECORD lists. One that cannot be read is as good as none.
func asRecord(b []byte) *content {
	files, err := pipwheel.ReadRecorded(bytes.NewReader(b))
	if err != nil || len(files) == 0 {
		return nil
	}
	return &content{record: files}
}

func asPackages(b []byte) *content { return &content{packages: parsePackages(b)} }

// ruleFor finds the files that say something by the end of their path: the folders before it
// may be reached through links, and hard links give a file other names.
func ruleFor(p string, lim limits) (rule, bool) {
	dir, name := path.Split(p)
	dir = strings.TrimSuffix(dir, "/")
	parent := path.Base(dir)
	python := strings.HasPrefix(parent, "python3") || strings.HasPrefix(parent, "pypy3")
	text := func(parse func([]byte) *content) (rule, bool) { return rule{lim.file, parse}, true }
	switch {
	case name == "RECORD" && strings.HasSuffix(parent, ".dist-info"):
		return rule{lim.binary, asRecord}, true // large distributions have some tens of thousands of rows
	case name == "METADATA" && strings.HasSuffix(parent, ".dist-info"),
		name == "PKG-INFO" && strings.HasSuffix(parent, ".egg-info"),
		strings.HasSuffix(name, ".egg-info"):
		return text(func(b []byte) *content { return &content{dist: parseMetadata(b)} })
	case name == "pyvenv.cfg",
		python && (name == "EXTERNALLY-MANAGED" || name == "build-details.json" || name == "patchlevel.h"),
		p == "etc/passwd", p == "etc/group", p == "root/.bashrc",
		dir == "etc" && (name == "ld.so.conf" || strings.HasPrefix(name, "ld-musl-")), parent == "ld.so.conf.d",
		parent == "bin" && isPip(name):
		return text(asText)
	case p == "etc/ld.so.cache":
		return rule{lim.binary, asCache}, true
	case python && strings.HasPrefix(name, "_sysconfigdata_") && strings.HasSuffix(name, ".py"):
		return text(func(b []byte) *content { return &content{sysconfig: parseSysconfig(string(b))} })
	case python && name == "sysconfig.py", parent == "sysconfig" && name == "__init__.py", parent == "command" && name == "install.py":
		return text(func(b []byte) *content { return &content{marks: findMarks(b)} })
	case strings.HasSuffix(p, "lib/dpkg/status"), strings.HasSuffix(dir, "lib/dpkg/status.d"), strings.HasSuffix(p, "lib/apk/db/installed"):
		return rule{lim.binary, asPackages}, true // a few MB in large images
	case parent == "bin" && isInterpreter(name):
		return rule{lim.binary, asInterpreter}, true
	case name == "libc.so.6", strings.HasPrefix(name, "libc-2.") && strings.HasSuffix(name, ".so"):
		return rule{lim.binary, func(b []byte) *content { return &content{object: parseObject(b, false)} }}, true
	case strings.HasPrefix(name, "ld-musl-"), name == "libc.so" && strings.HasSuffix(dir, "musl"):
		return rule{lim.binary, func(b []byte) *content { return &content{object: parseObject(b, true)} }}, true
	}
	return rule{}, false
}

func isPip(name string) bool {
	return name == "pip" || name == "pip3"
}

// isInterpreter says whether name may be an interpreter's: python, python3, python3.13t, pypy3.10.
func isInterpreter(name string) bool {
	rest, ok := strings.CutPrefix(name, "python")
	if !ok {
		rest, ok = strings.CutPrefix(name, "pypy")
	}
	return ok && strings.Trim(rest, "0123456789.tdmu") == ""
}
