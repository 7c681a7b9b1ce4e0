package manifest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMergeEnv(t *testing.T) {
	for name, c := range map[string]struct {
		base []string
		set  []KV
		want []string
	}{
		"nothing":                   {nil, nil, nil},
		"untouched":                 {[]string{"A=1", "A=2", "B", "=x", ""}, nil, []string{"A=1", "A=2", "B", "=x", ""}},
		"replaced in its place":     {[]string{"A=1", "B=2"}, []KV{{"A", "3"}}, []string{"A=3", "B=2"}},
		"new ones in order":         {[]string{"A=1"}, []KV{{"Z", "1"}, {"B", ""}}, []string{"A=1", "Z=1", "B="}},
		"the last one given wins":   {nil, []KV{{"A", "1"}, {"B", "2"}, {"A", "3"}}, []string{"A=3", "B=2"}},
		"given twice in the base":   {[]string{"A=1", "B=2", "A=3", "C=4", "A"}, []KV{{"A", "5"}}, []string{"A=5", "B=2", "C=4"}},
		"others stay double":        {[]string{"A=1", "B=2", "A=3"}, []KV{{"B", "5"}}, []string{"A=1", "B=5", "A=3"}},
		"a name without a value":    {[]string{"A"}, []KV{{"A", ""}}, []string{"A="}},
		"names are told by case":    {[]string{"a=1"}, []KV{{"A", "2"}}, []string{"a=1", "A=2"}},
		"no name is another's part": {[]string{"AB=1"}, []KV{{"A", "2"}}, []string{"AB=1", "A=2"}},
		"literal":                   {nil, []KV{{"A", "$B=${C} \n"}}, []string{"A=$B=${C} \n"}},
	} {
		before := append([]string(nil), c.base...)
		if diff := cmp.Diff(c.want, mergeEnv(c.base, c.set)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(before, c.base); diff != "" {
			t.Errorf("%s: the base's list was changed:\n%s", name, diff)
		}
	}
}

func TestPrependPythonPath(t *testing.T) {
	for name, c := range map[string]struct {
		env  []string
		dirs []string
		want []string
	}{
		"nothing to add":         {[]string{"PYTHONPATH=/a:/a"}, nil, []string{"PYTHONPATH=/a:/a"}},
		"none in the base":       {[]string{"A=1"}, []string{"/x", "/y"}, []string{"A=1", "PYTHONPATH=/x:/y"}},
		"in front":               {[]string{"PYTHONPATH=/a:/b", "A=1"}, []string{"/x"}, []string{"PYTHONPATH=/x:/a:/b", "A=1"}},
		"there already":          {[]string{"PYTHONPATH=/a:/x:/b"}, []string{"/x"}, []string{"PYTHONPATH=/x:/a:/b"}},
		"given twice":            {nil, []string{"/x", "/y", "/x"}, []string{"PYTHONPATH=/x:/y"}},
		"empty value":            {[]string{"PYTHONPATH="}, []string{"/x"}, []string{"PYTHONPATH=/x"}},
		"no value":               {[]string{"PYTHONPATH"}, []string{"/x"}, []string{"PYTHONPATH=/x"}},
		"empty part, the cwd":    {[]string{"PYTHONPATH=/a:"}, []string{"/x"}, []string{"PYTHONPATH=/x:/a:"}},
		"only an empty part":     {[]string{"PYTHONPATH=:"}, []string{"/x"}, []string{"PYTHONPATH=/x:"}},
		"relative in the base":   {[]string{"PYTHONPATH=lib"}, []string{"/x"}, []string{"PYTHONPATH=/x:lib"}},
		"twice in the base":      {[]string{"PYTHONPATH=/a", "PYTHONPATH=/b"}, []string{"/x"}, []string{"PYTHONPATH=/x:/b"}},
		"another name beginning": {[]string{"PYTHONPATHS=/a"}, []string{"/x"}, []string{"PYTHONPATHS=/a", "PYTHONPATH=/x"}},
	} {
		if diff := cmp.Diff(c.want, prependPythonPath(c.env, c.dirs)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
