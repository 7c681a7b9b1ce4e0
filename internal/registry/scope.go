package registry

import (
	"maps"
	"slices"
	"strings"
)

// scopes is what a token is asked for: repositories, and whether writing is meant.
type scopes map[string]bool

// covers reports whether s allows everything that want does.
func (s scopes) covers(want scopes) bool {
	for repo, push := range want {
		has, ok := s[repo]
		if !ok || push && !has {
			return false
		}
	}
	return true
}

// with is the union of both.
func (s scopes) with(other scopes) scopes {
	out := maps.Clone(s)
	if out == nil {
		out = scopes{}
	}
	for repo, push := range other {
		out[repo] = out[repo] || push
	}
	return out
}

// list writes the scopes as the token specification has them, those of first in front: some
// services look at the first only.
func (s scopes) list(first scopes) []string {
	names := slices.SortedFunc(maps.Keys(s), func(a, b string) int {
		_, inA := first[a]
		_, inB := first[b]
		switch {
		case inA && !inB:
			return -1
		case inB && !inA:
			return 1
		}
		return strings.Compare(a, b)
	})
	out := make([]string, 0, len(names))
	for _, repo := range names {
		actions := "pull"
		if s[repo] {
			actions = "pull,push"
		}
		out = append(out, "repository:"+repo+":"+actions)
	}
	return out
}

// parseScopes reads the scope parameter of a challenge. A registry may know a repository by
// another name than its address has; other resources than repositories are not ours.
func parseScopes(s string) scopes {
	out := scopes{}
	for one := range strings.FieldsSeq(s) {
		kind, rest, _ := strings.Cut(one, ":")
		i := strings.LastIndexByte(rest, ':')
		if kind != "repository" || i <= 0 {
			continue
		}
		push := strings.Contains(rest[i:], "push") || strings.Contains(rest[i:], "*")
		out[rest[:i]] = out[rest[:i]] || push
	}
	return out
}
