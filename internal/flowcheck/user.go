package flowcheck

import (
	"strconv"
	"strings"

	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/layers"
)

// account is the user that the container runs as (image-spec, "config.User").
type account struct {
	uid, gid int
	home     string // of /etc/passwd, "/" without an entry
	named    bool   // written as a name
	listed   bool   // has an entry in /etc/passwd: it may be a member of further groups
	missing  string // the name of a user or group that is not there
}

// The bits of a mode that are asked for.
const (
	canRead  = 4
	canWrite = 2
	canEnter = 1
)

// account reads the configuration's user.
func (i *inspector) account() account {
	name, group, grouped := strings.Cut(i.User, ":")
	if name == "" {
		name = "0"
	}
	a := account{home: "/"}
	users := i.users()
	if uid, err := strconv.Atoi(name); err == nil && uid >= 0 {
		a.uid = uid
		for _, u := range users {
			if u.uid == uid {
				a.gid, a.home, a.listed = u.gid, u.home, true
				break
			}
		}
	} else {
		a.named, a.missing = true, name
		for _, u := range users {
			if u.name == name {
				a.uid, a.gid, a.home, a.listed, a.missing = u.uid, u.gid, u.home, true, ""
				break
			}
		}
	}
	if grouped && group != "" {
		if gid, err := strconv.Atoi(group); err == nil {
			a.gid = gid
		} else if gid, ok := i.groups()[group]; ok {
			a.gid = gid
		} else if a.missing == "" {
			a.missing = group
		}
	}
	if a.uid == 0 && a.home == "/" {
		a.home = "/root"
	}
	if a.home == "" {
		a.home = "/"
	}
	return a
}

type passwd struct {
	name     string
	uid, gid int
	home     string
}

// users are those of the image's /etc/passwd: the build's own file, else the base's.
func (i *inspector) users() []passwd {
	var out []passwd
	if text, ok := i.text("etc/passwd"); ok {
		for line := range strings.Lines(string(text)) {
			f := strings.Split(strings.TrimSpace(line), ":")
			if len(f) < 7 {
				continue
			}
			uid, err1 := strconv.Atoi(f[2])
			gid, err2 := strconv.Atoi(f[3])
			if err1 == nil && err2 == nil {
				out = append(out, passwd{f[0], uid, gid, f[5]})
			}
		}
		return out
	}
	if i.Profile != nil {
		for name, u := range i.Profile.Users {
			out = append(out, passwd{name, u.UID, u.GID, u.Home})
		}
		sortBy(out, func(p passwd) string { return p.name })
	}
	return out
}

func (i *inspector) groups() map[string]int {
	text, ok := i.text("etc/group")
	if !ok {
		if i.Profile == nil {
			return nil
		}
		return i.Profile.Groups
	}
	out := map[string]int{}
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(strings.TrimSpace(line), ":"); len(f) >= 3 {
			if gid, err := strconv.Atoi(f[2]); err == nil {
				out[f[0]] = gid
			}
		}
	}
	return out
}

// may reports whether the user has a permission on a node (path_resolution(7)); of what is not known,
// such as further groups, the answer is yes.
func (a account) may(n rootfs.Node, want uint32) bool {
	switch {
	case a.uid == 0 || a.missing != "":
		return want != canEnter || n.Kind == layers.Dir || n.Mode&0o111 != 0
	case n.UID == a.uid:
		return n.Mode>>6&want == want
	case n.GID == a.gid:
		return n.Mode>>3&want == want
	case a.listed && n.Mode>>3&want == want:
		return true
	}
	return n.Mode&want == want
}

// reach reports whether the user can come to a path and has a permission on it; barred is the path
// that keeps him from it.
func (i *inspector) reach(path string, want uint32) (barred string, ok bool) {
	for k := range path {
		if path[k] != '/' {
			continue
		}
		if n, found := i.Tree.Lookup(path[:k]); found && !i.user.may(n, canEnter) {
			return path[:k], false
		}
	}
	if n, found := i.Tree.Lookup(path); found && !i.user.may(n, want) {
		return path, false
	}
	return "", true
}

// who names the user in messages.
func (a account) who() string {
	switch {
	case a.uid == 0:
		return "root"
	default:
		return "the image's user (uid " + strconv.Itoa(a.uid) + ")"
	}
}
