package manifest

import (
	"slices"
	"strings"
)

const pythonPath = "PYTHONPATH"

// mergeEnv sets variables in an image's Env list: the base's order stays, new names follow
// in the order given, a name that the base has twice keeps its first place.
func mergeEnv(base []string, set []KV) []string {
	var out []string
	at := map[string]int{}
	put := func(key, entry string) {
		if i, ok := at[key]; ok {
			out[i] = entry
			return
		}
		at[key] = len(out)
		out = append(out, entry)
	}
	for _, e := range base {
		key, _, _ := strings.Cut(e, "=")
		put(key, e)
	}
	for _, kv := range set {
		put(kv.Key, kv.Key+"="+kv.Value)
	}
	return out
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
