package flowcheck

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/pkg/layers"
)

// entrypointStarts judges the first word of the image's entrypoint, which every start but that of Cloud Run runs.
func (i *inspector) entrypointStarts() {
	if len(i.Entrypoint) == 0 || i.Entrypoint[0] == "" {
		return
	}
	i.starts(i.Entrypoint[0])
	if word := started(i.Entrypoint); word != "" {
		i.starts(word)
	}
}

// started is the program that an init starts, whose name comes first in an entrypoint: the first word behind its options.
func started(entrypoint []string) string {
	withValue := map[string]string{"tini": "pe", "tini-static": "pe", "catatonit": "", "dumb-init": "r"}
	values, ok := withValue[path.Base(entrypoint[0])]
	if !ok {
		return ""
	}
	for k := 1; k < len(entrypoint); k++ {
		w := entrypoint[k]
		switch {
		case w == "--" && k+1 < len(entrypoint):
			return entrypoint[k+1]
		case !strings.HasPrefix(w, "-"):
			return w
		case len(w) == 2 && strings.Contains(values, w[1:]), w == "--rewrite":
			k++
		}
	}
	return ""
}

// starts judges whether a program of the entrypoint can be started.
func (i *inspector) starts(word string) {
	f := check.Finding{Rule: NoProgram, Subject: "entrypoint " + word, Fix: "correct --entrypoint, or bring the file with --file"}
	if !strings.Contains(word, "/") {
		if !i.onPath(i.Env["PATH"], word) {
			f.Cause = "no program of this name is found on PATH, so no container starts"
			i.add(f)
		}
		return
	}
	n, ok := i.node(absolute(i.workdir(), word))
	switch {
	case !ok:
		f.Cause = "the image has no such file, so no container starts"
	case n.Kind != layers.File:
		f.Cause = "it is no file, so no container starts"
	default:
		barred, reached := i.reach(n.Path, canEnter)
		if reached {
			return
		}
		f.Cause = fmt.Sprintf("%s may not run it: /%s has no permission for it, so no container starts", i.user.who(), barred)
		f.Fix = "make it executable before the build (chmod +x): its mode is taken over"
	}
	i.add(f)
}

// programs judges whether what workers start is found: prefect, and python of the interpreter that has it.
func (i *inspector) programs(entries []Entrypoint) {
	if i.Python == nil || i.major == 0 {
		return
	}
	if exe, ok := i.node(i.Python.Executable); ok {
		if barred, ok := i.reach(exe.Path, canEnter); !ok {
			i.add(check.Finding{
				Rule: NoProgram, Subject: i.Python.Executable,
				Cause: fmt.Sprintf("%s may not run it: /%s is closed to others", i.user.who(), barred),
				Fix:   "take the base's own user, or a base whose Python every user may run",
			})
			return
		}
	}
	scripts := i.Python.Scheme.Scripts
	own, ok := i.node(path.Join(scripts, "prefect"))
	if !ok || own.Kind != layers.File {
		return // Prefect is not installed in the way that is understood here
	}
	if i.anywhere(entries, "prefect", scripts) {
		return
	}
	i.add(i.noProgram(scripts))
}

// anywhere reports whether any PATH that a run may have leads to the program.
func (i *inspector) anywhere(entries []Entrypoint, name, scripts string) bool {
	if i.onPath(i.Env["PATH"], name) {
		return true
	}
	for k := range entries {
		if value, known := i.setting(&entries[k], "PATH"); !known || i.onPath(value, name) {
			return true
		}
	}
	return slices.Contains(strings.Split(i.Env["PATH"], ":"), scripts)
}

// onPath looks a program up as execvp(3) does; without PATH runtimes use the usual folders.
func (i *inspector) onPath(value, name string) bool {
	if value == "" {
		value = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	}
	for _, d := range strings.Split(value, ":") {
		n, ok := i.node(path.Join(absolute(i.workdir(), d), name))
		if !ok || n.Kind != layers.File {
			continue
		}
		if _, ok := i.reach(n.Path, canEnter); ok {
			return true
		}
	}
	return false
}

// noProgram says that prefect is not on PATH. An entrypoint that is a program of its own may still find
// it, as Prefect's conda images do for root.
func (i *inspector) noProgram(scripts string) check.Finding {
	f := check.Finding{
		Rule: NoProgram, Subject: "PATH=" + i.Env["PATH"],
		Cause: fmt.Sprintf("workers start prefect, which is %s/prefect and not on PATH", scripts),
		Fix:   fmt.Sprintf("add --env PATH=%s:%s", scripts, i.Env["PATH"]),
	}
	if i.Env["PATH"] == "" {
		f.Fix = fmt.Sprintf("add --env PATH=%s:/usr/local/bin:/usr/bin:/bin", scripts)
	}
	if !i.plainEntrypoint() {
		f.Warning = true
		f.Cause += "; the image's entrypoint may set it, as conda's activation does, but Cloud Run and everything else that replaces the entrypoint fails"
		if i.user.uid != 0 {
			f.Cause += ", and " + i.user.who() + " does not read root's activation"
		}
	}
	return f
}

// plainEntrypoint reports whether the image's own entrypoint does nothing but start the command that it is
// given, and whether that command is left to whoever starts the container.
func (i *inspector) plainEntrypoint() bool {
	for k, word := range i.Entrypoint {
		switch name := path.Base(word); {
		case k == 0 && (name == "tini" || name == "dumb-init" || name == "tini-static"):
		case k > 0 && strings.HasPrefix(word, "-"):
		default:
			return false
		}
	}
	return len(i.Cmd) == 0 || slices.Contains([]string{"python3", "python", "bash", "/bin/bash", "sh", "/bin/sh"}, i.Cmd[0])
}
