package pysource

import "strings"

// Role is what a name is to Prefect.
type Role uint8

// The roles.
const (
	Plain Role = iota
	Flow
	Task
)

// Prefect says whether a name of the file is a flow or a task of Prefect 1, 2 or 3, and returns the
// title that its decorator or constructor gives it: empty when it gives none, or none that is a
// literal. What is imported from elsewhere is not followed.
func (f *File) Prefect(n Name) (role Role, title string) {
	return f.prefect(n, maxChain)
}

// maxChain is how many with_options are followed from one name to another.
const maxChain = 16

func (f *File) prefect(n Name, left int) (role Role, title string) {
	for _, d := range n.Decorators {
		if r := roleOf(d.Name); r != Plain {
			return r, d.Title
		}
	}
	if n.Value == nil {
		return Plain, ""
	}
	if r := roleOf(n.Value.Name); r != Plain {
		return r, n.Value.Title
	}
	if of, ok := strings.CutSuffix(n.Value.Name, ".with_options"); ok && left > 0 {
		if i, ok := f.index[of]; ok {
			r, old := f.prefect(f.Names[i], left-1)
			if n.Value.Titled {
				old = n.Value.Title
			}
			return r, old
		}
	}
	return Plain, ""
}

// roleOf knows the names under which Prefect has offered them.
func roleOf(name string) Role {
	switch name {
	case "prefect.flow", "prefect.flows.flow", "prefect.Flow", "prefect.flows.Flow", "prefect.core.Flow", "prefect.core.flow.Flow":
		return Flow
	case "prefect.task", "prefect.tasks.task", "prefect.Task", "prefect.tasks.Task", "prefect.utilities.tasks.task":
		return Task
	}
	return Plain
}
