package flowcheck

import (
	"fmt"
	"path"
	"strings"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/pkg/layers"
)

// home judges whether a non-root user can write where Prefect writes. A folder that cannot be made is met only when
// something is written; one that cannot be entered ends every start, since Prefect looks for profiles.toml there
// and takes the refusal for no answer.
func (i *inspector) home(entries []Entrypoint) {
	if i.user.uid == 0 || i.user.missing != "" || i.major == 1 {
		return
	}
	var all []*Entrypoint
	for k := range entries {
		all = append(all, &entries[k])
	}
	if len(all) == 0 {
		all = append(all, nil)
	}
	closed := 0
	for _, e := range all {
		home, known := i.setting(e, "HOME")
		own, ownKnown := i.setting(e, "PREFECT_HOME")
		if !known || !ownKnown {
			continue
		}
		if home == "" {
			home = i.user.home
		}
		dir, subject := own, "PREFECT_HOME "+own
		if own == "" || strings.HasPrefix(own, "~") {
			dir, subject = path.Join(home, ".prefect"), "HOME "+home
		}
		if !path.IsAbs(dir) || i.writable(dir) {
			continue
		}
		cause := fmt.Sprintf("%s cannot write %s, where Prefect keeps profiles, results and its memory of what ran", i.user.who(), dir)
		if home == "/" && !i.user.listed {
			cause += "; the uid is not in /etc/passwd, so HOME is /"
		}
		if barred, ok := i.entered(dir); !ok {
			closed++
			cause = fmt.Sprintf("%s may not enter /%s, where Prefect looks for its profiles: it does not start", i.user.who(), barred)
		}
		i.add(check.Finding{
			Rule: Home, Warning: closed < len(all), Subject: subject, Cause: cause,
			Fix: "add --env HOME=/tmp --env PREFECT_HOME=/tmp/.prefect",
		})
	}
}

// entered reports whether the user can look into a folder, as far as it exists.
func (i *inspector) entered(dir string) (barred string, ok bool) {
	r, err := i.Tree.Resolve(dir)
	if err != nil {
		return "", true
	}
	for r != "." && r != "" {
		if _, exists := i.Tree.Lookup(r); exists {
			return i.reach(r, canEnter)
		}
		r = path.Dir(r)
	}
	return "", true
}

// writable reports whether the user could make or change a folder: its nearest parent that exists decides.
func (i *inspector) writable(dir string) bool {
	r, err := i.Tree.Resolve(dir)
	if err != nil {
		return false
	}
	for {
		n, ok := i.Tree.Lookup(r)
		if r == "" || r == "." {
			n, ok = i.Tree.Lookup("")
			if !ok { // the root folder is root's, 0755
				return i.user.uid == 0
			}
		}
		if ok {
			_, reachable := i.reach(n.Path, canWrite|canEnter)
			return n.Kind == layers.Dir && reachable && i.user.may(n, canWrite|canEnter)
		}
		r = strings.TrimPrefix(path.Dir(r), ".")
	}
}
