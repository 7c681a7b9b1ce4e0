package check

import (
	"fmt"
	"path"
	"strings"
)

// wrongMachine finds wheels that hold files for another machine where this one's should be.
func wrongMachine(s *search) []Finding {
	type wheel struct {
		right  bool            // something is for this machine
		names  map[string]bool // modules that are
		wrong  *File           // the first that is not
		module *File           // the first tagged module that is not
	}
	wheels := map[string]*wheel{}
	var order []string
	get := func(name string) *wheel {
		if wheels[name] == nil {
			wheels[name] = &wheel{names: map[string]bool{}}
			order = append(order, name)
		}
		return wheels[name]
	}
	for i := range s.Files {
		f := &s.Files[i]
		if f.Facts == nil || !f.Facts.Loadable() || roleOf(f, s.Target) == foreign || s.Target.Machine == "" {
			continue
		}
		if w := get(f.Wheel); f.Facts.RunsOn(s.Target.Machine) {
			w.right, w.names[path.Base(f.Path)] = true, true
		}
	}
	for i := range s.Files {
		f := &s.Files[i]
		w := wheels[f.Wheel]
		if w == nil || f.Facts == nil || !f.Facts.Loadable() || f.Facts.RunsOn(s.Target.Machine) {
			continue
		}
		kind := roleOf(f, s.Target)
		if kind != foreign && w.wrong == nil {
			w.wrong = f
		}
		// The same module for the right machine beside it: the wheel chooses itself.
		if kind == module && tagged(f.Path) && !w.names[path.Base(f.Path)] && w.module == nil {
			w.module = f
		}
	}
	var out []Finding
	for _, name := range order {
		w := wheels[name]
		f := w.module
		if f == nil && name != "" && !w.right && !strings.HasSuffix(name, "-any.whl") {
			f = w.wrong
		}
		if f == nil {
			continue
		}
		subject := name
		if name == "" {
			subject = "/" + f.Path
		}
		out = append(out, Finding{
			Rule: WrongMachine, Subject: subject, Warning: name == "",
			Cause: fmt.Sprintf("/%s was built for %s (%d-bit); the image is %s", f.Path, f.Facts.Machine, f.Facts.Class, s.Target.Machine),
			Fix:   "build or download it for the image's platform",
		})
	}
	return out
}
