package flowcheck

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/layerpack/layerpack/internal/pysource"
)

// prefectTable says which major versions of Prefect have a name: "module[:name] majors way out" a line. It was compared with
// the sources of 1.4.1, 2.20.26, 3.0.11 and the newest 3.
//
//go:embed prefectnames.txt
var prefectTable string

// prefectNames returns what an import asks of Prefect that the image's version does not have.
func (s *session) prefectNames(name string, im pysource.Import) []problem {
	if s.major < 1 || s.major > 3 || name != "prefect" && !strings.HasPrefix(name, "prefect.") {
		return nil
	}
	if m := s.load("prefect"); m.source != nil {
		return nil // the project's own file of this name
	}
	// A module that is missing makes all names of it missing.
	for prefix := name; prefix != "prefect" && prefix != ""; prefix = prefix[:max(strings.LastIndexByte(prefix, '.'), 0)] {
		if p := s.prefectName(prefix, prefix); p != nil {
			return p
		}
	}
	var out []problem
	for _, n := range im.Names {
		if n == "*" {
			continue
		}
		p := s.prefectName(name+":"+n, n+" from "+name)
		if p == nil {
			p = s.prefectName(name+"."+n, n+" from "+name)
		}
		out = append(out, p...)
	}
	if out == nil {
		return s.prefectModule(name)
	}
	return out
}

// prefectModule looks for a module among the files of the installed Prefect. Those before 2.20 had other names for some
// modules, and one is left.
func (s *session) prefectModule(name string) []problem {
	if !s.between("2.20", "") || s.major == 2 && strings.HasPrefix(name+".", "prefect.packaging.") {
		return nil
	}
	at := s.modules["prefect"].place
	for _, known := range []string{"flows", "tasks", "states", "task_runners", "blocks", "client", "server"} {
		if at.kind != pkg || s.find(known, at.dirs).kind == absent {
			return nil // it is not laid out as Prefect is
		}
	}
	for _, part := range strings.Split(name, ".")[1:] {
		if at.kind != pkg && at.kind != plain {
			return nil
		}
		if at = s.find(part, at.dirs); at.kind == absent && at.near == "" && at.shut == "" {
			return []problem{{
				rule: PrefectName, unsure: s.search.blind != "",
				cause: fmt.Sprintf("imports %s, which Prefect %s does not have", name, s.prefect),
				fix:   "take a base with the Prefect that the project was written for, or import it from where it is now",
			}}
		}
	}
	return nil
}

func (s *session) prefectName(key, what string) []problem {
	k := strings.Index(prefectTable, "\n"+key+" ")
	if k < 0 {
		return nil
	}
	line, _, _ := strings.Cut(prefectTable[k+1:], "\n")
	f := strings.SplitN(line, " ", 3)
	if len(f) != 3 || strings.Contains(f[1], fmt.Sprint(s.major)) {
		return nil
	}
	return []problem{{
		rule:  PrefectName,
		cause: fmt.Sprintf("imports %s, which Prefect %s does not have: only Prefect %s does", what, s.prefect, strings.Join(strings.Split(f[1], ""), " and ")),
		fix:   f[2],
	}}
}
