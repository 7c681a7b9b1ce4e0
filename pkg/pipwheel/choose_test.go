package pipwheel_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		name           string
		files          []string
		chosen, passed []int
	}{
		{"nothing", nil, nil, nil},
		{"by name of the distribution", []string{"b-1-py3-none-any.whl", "A.x-1-py3-none-any.whl"}, []int{1, 0}, nil},
		{"the unfit are passed over", []string{
			"n-1-cp312-cp312-manylinux_2_17_x86_64.whl", "n-1-cp311-cp311-manylinux_2_17_x86_64.whl",
			"n-1-cp311-cp311-musllinux_1_2_x86_64.whl", "n-1-cp311-cp311-manylinux_2_17_aarch64.whl", "n-1-cp311-cp311-win_amd64.whl",
		}, []int{1}, []int{0, 2, 3, 4}},
		{"the best tag", []string{
			"n-1-py3-none-any.whl", "n-1-cp38-abi3-manylinux_2_17_x86_64.whl", "n-1-cp311-cp311-manylinux2014_x86_64.whl", "n-1-cp311-cp311-manylinux_2_28_x86_64.whl",
		}, []int{3}, []int{0, 1, 2}},
		{"the highest build", []string{"n-1-9-py3-none-any.whl", "n-1-py3-none-any.whl", "n-1-10-py3-none-any.whl", "n-1-10a-py3-none-any.whl"}, []int{3}, []int{0, 1, 2}},
		{"the tag before the build", []string{"n-1-9-py3-none-any.whl", "n-1-py311-none-any.whl"}, []int{1}, []int{0}},
		{"spellings of a name and a version", []string{"N.x-1.0-py2-none-any.whl", "n_x-1-py3-none-any.whl"}, []int{1}, []int{0}},
		{"ties by file name", []string{"n-1.0-py3-none-any.whl", "n-1-py3-none-any.whl", "N-1-py3-none-any.whl"}, []int{2}, []int{0, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := pipwheel.Choose(c.files, library("3.11"))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(&pipwheel.Choice{Chosen: c.chosen, PassedOver: c.passed}, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestChooseRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []string
		want  []string
	}{
		{"two versions", []string{"N_x-1-py3-none-any.whl", "n_x-2-py3-none-any.whl"}, []string{"n-x: two versions", "N_x-1-py3-none-any.whl", "n_x-2-py3-none-any.whl", "leave one"}},
		{"two versions, one unfit", []string{"n-1-py3-none-any.whl", "n-2-py2-none-any.whl"}, []string{"two versions"}},
		{"none fits", []string{"n-1-cp312-cp312-manylinux_2_34_x86_64.whl", "n-1-cp312-cp312-win_amd64.whl"}, []string{"n: no wheel fits", "cp312", "CPython 3.11", "glibc 2.36", "x86_64", "another base"}},
		{"other libc", []string{"n-1-cp311-cp311-musllinux_1_2_x86_64.whl"}, []string{"no wheel fits", "musl"}},
		{"no wheel", []string{"n-1.tar.gz"}, []string{"n-1.tar.gz", "not a wheel's file name"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := pipwheel.Choose(c.files, library("3.11"))
			if !refusal.Is(err) {
				t.Fatalf("error %v, want a refusal", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

func TestInterpreter(t *testing.T) {
	for _, c := range []struct {
		version      string
		major, minor int
		fails        bool
	}{
		{"3.11.2", 3, 11, false},
		{"3.9", 3, 9, false},
		{"3.14.0rc2", 3, 14, false},
		{"3.13.0+", 0, 0, true},
		{"3", 0, 0, true},
		{"", 0, 0, true},
	} {
		target := library("3.11")
		target.Version = c.version
		got, err := target.Interpreter()
		if (err != nil) != c.fails || got.Major != c.major || got.Minor != c.minor {
			t.Errorf("%q: %d.%d, %v", c.version, got.Major, got.Minor, err)
		}
	}
}
