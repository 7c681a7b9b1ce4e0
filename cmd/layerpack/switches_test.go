package main

import (
	"slices"
	"testing"

	"github.com/spf13/pflag"

	"github.com/layerpack/layerpack/internal/prefect"
)

// TestSwitches: who reads layerpack's words in a prefect.yaml knows which of its flags take no value.
func TestSwitches(t *testing.T) {
	set, _ := newBuildFlags("build")
	var want []string
	set.VisitAll(func(f *pflag.Flag) {
		if f.NoOptDefVal != "" {
			want = append(want, f.Name)
		}
	})
	slices.Sort(want)
	have := slices.DeleteFunc(prefect.Switches(), func(name string) bool { return name == "help" })
	if !slices.Equal(have, want) {
		t.Errorf("prefect.yaml is read with %q, layerpack has %q", have, want)
	}
}
