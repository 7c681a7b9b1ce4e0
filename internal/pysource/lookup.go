package pysource

import "strings"

// Presence says whether a file defines a name.
type Presence uint8

// The answers.
const (
	Absent   Presence = iota // the module has no such name after it was imported
	Possible                 // it may have one: see Name.When, File.Open and Name.Derived
	Present
)

// Lookup returns the binding that decides for a name of the module, or for "Class.method".
func (f *File) Lookup(name string) (Name, Presence) {
	if i, ok := f.index[name]; ok {
		switch n := f.Names[i]; {
		case n.When == Always:
			return n, Present
		case n.When != Never:
			return n, Possible
		}
	}
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		head, found := f.Lookup(name[:i])
		if found == Absent {
			return Name{}, Absent
		}
		if found == Present && head.Kind == Class && !head.Derived && len(head.Decorators) == 0 {
			return head, Absent
		}
		return head, Possible
	}
	if f.Open != "" {
		return Name{}, Possible
	}
	return Name{}, Absent
}
