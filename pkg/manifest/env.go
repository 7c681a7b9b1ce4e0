package manifest

import (
	"slices"
	"strings"
)

const pythonPath = "PYTHONPATH"

// mergeEnv sets variables in an image's Env list. The base's order stays and new names follow
// in the order given. A name that the base has more than once, of which runtimes take the
// last, is there once when it has been set; what is not set stays as it is.
func mergeEnv(base []string, set []KV) []string {
	out := slices.Clone(base)
	for _, kv := range set {
		entry := kv.Key + "=" + kv.Value
		i := slices.IndexFunc(out, func(e string) bool { return nameOf(e) == kv.Key })
		if i < 0 {
			out = append(out, entry)
			continue
		}
		out[i] = entry
		rest := slices.DeleteFunc(out[i+1:], func(e string) bool { return nameOf(e) == kv.Key })
		out = out[:i+1+len(rest)]
	}
	return out
}

func nameOf(entry string) string {
	name, _, _ := strings.Cut(entry, "=")
	return name
}

// prependPythonPath puts folders in front of PYTHONPATH, each once: a folder that is there
// already moves to the front. An empty part of the old value, which Python reads as the
// working directory, stays.
func prependPythonPath(env, dirs []string) []string {
	if len(dirs) == 0 {
		return env
	}
	old := ""
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, pythonPath+"="); ok {
			old = v
		}
	}
	var parts []string
	add := func(p string) {
		if !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
	}
	for _, d := range dirs {
		add(d)
	}
	if old != "" {
		for p := range strings.SplitSeq(old, ":") {
			add(p)
		}
	}
	return mergeEnv(env, []KV{{pythonPath, strings.Join(parts, ":")}})
}
