package lockfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
)

// environment is the values that tell the environments of a lock apart, in the order of fields.
type environment []string

// fields are the marker fields of an environment.
func fields() []string {
	return []string{"implementation_name", "python_version", "sys_platform", "platform_machine"}
}

func values(e marker.Environment) environment {
	return environment{e.ImplementationName, e.PythonVersion, e.SysPlatform, e.PlatformMachine}
}

// conjunction is the condition that holds in e alone; fields whose value is empty in it are left out.
func conjunction(e environment) string {
	var terms []string
	for i, field := range fields() {
		if e[i] != "" {
			terms = append(terms, fmt.Sprintf("%s == %q", field, e[i]))
		}
	}
	return strings.Join(terms, " and ")
}

// needing is a condition that holds in some of a lock's environments and not in the others: one
// field's value where that says it, else the fields in which the environments differ at all.
func needing(all []environment, some []int) string {
	for i := range fields() {
		value := all[some[0]][i]
		var with []int
		for j, e := range all {
			if e[i] == value {
				with = append(with, j)
			}
		}
		if slices.Equal(with, some) {
			return conjunction(only(all[some[0]], func(field int) bool { return field == i }))
		}
	}
	differ := func(field int) bool {
		return slices.ContainsFunc(all, func(e environment) bool { return e[field] != all[0][field] })
	}
	var terms []string
	for _, j := range some {
		terms = append(terms, "("+conjunction(only(all[j], differ))+")")
	}
	return strings.Join(terms, " or ")
}

// only blanks the fields that are not wanted.
func only(e environment, wanted func(field int) bool) environment {
	out := make(environment, len(e))
	for i := range e {
		if wanted(i) {
			out[i] = e[i]
		}
	}
	return out
}
