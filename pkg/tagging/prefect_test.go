package tagging

import (
	"slices"
	"strings"
	"testing"
)

func TestPrefectTags(t *testing.T) {
	const pinned, moving = false, true
	for text, want := range map[string]struct {
		tag    PrefectTag
		moving bool
		major  int
		python string
	}{
		"3.1.9-python3.12":               {PrefectTag{PrefectRelease, "3.1.9", "3.12", ""}, pinned, 3, "3.12"},
		"3.0.0rc1-python3.11-conda":      {PrefectTag{PrefectRelease, "3.0.0rc1", "3.11", "conda"}, pinned, 3, "3.11"},
		"2.0b5-python3.9":                {PrefectTag{PrefectRelease, "2.0b5", "3.9", ""}, pinned, 2, "3.9"},
		"3.2.1.dev3-python3.12":          {PrefectTag{PrefectRelease, "3.2.1.dev3", "3.12", ""}, pinned, 3, "3.12"},
		"1.4.1":                          {PrefectTag{PrefectRelease, "1.4.1", "", ""}, pinned, 1, "3.7"},
		"0.15.13-python3.8":              {PrefectTag{PrefectRelease, "0.15.13", "3.8", ""}, pinned, 1, "3.8"},
		"0.15.13":                        {PrefectTag{PrefectRelease, "0.15.13", "", ""}, pinned, 1, ""},
		"2.20-python3.11-kubernetes":     {PrefectTag{PrefectLine, "2.20", "3.11", "kubernetes"}, moving, 2, "3.11"},
		"2-python3.11":                   {PrefectTag{PrefectLine, "2", "3.11", ""}, moving, 2, "3.11"},
		"latest":                         {PrefectTag{PrefectLatest, "", "", ""}, moving, 1, "3.7"},
		"latest-python3.9":               {PrefectTag{PrefectLatest, "", "3.9", ""}, moving, 1, "3.9"},
		"2-latest-conda":                 {PrefectTag{PrefectLatest, "2", "", "conda"}, moving, 2, "3.10"},
		"3-latest":                       {PrefectTag{PrefectLatest, "3", "", ""}, moving, 3, "3.12"},
		"3-latest-python3.13":            {PrefectTag{PrefectLatest, "3", "3.13", ""}, moving, 3, "3.13"},
		"core":                           {PrefectTag{PrefectCore, "", "", ""}, moving, 1, ""},
		"core-0.15.3":                    {PrefectTag{PrefectCore, "0.15.3", "", ""}, pinned, 1, ""},
		"master":                         {PrefectTag{PrefectBranch, "master", "", ""}, moving, 1, ""},
		"main-python3.12":                {PrefectTag{PrefectBranch, "main", "3.12", ""}, moving, 0, "3.12"},
		"1-dev":                          {PrefectTag{PrefectBranch, "1-dev", "", ""}, moving, 1, ""},
		"sha-0123abc-python3.11":         {PrefectTag{PrefectCommit, "sha-0123abc", "3.11", ""}, pinned, 0, "3.11"},
		strings.Repeat("01", 20):         {PrefectTag{PrefectCommit, strings.Repeat("01", 20), "", ""}, pinned, 0, ""},
		"sha-" + strings.Repeat("a", 40): {PrefectTag{PrefectCommit, "sha-" + strings.Repeat("a", 40), "", ""}, pinned, 0, ""},
	} {
		got, err := ParsePrefectTag(text)
		if err != nil || got != want.tag || got.String() != text {
			t.Errorf("%s: %+v, %s, %v", text, got, got, err)
		}
		if moving, why := got.Moving(); moving != want.moving || why == "" {
			t.Errorf("%s: moving %v because %q", text, moving, why)
		}
		if got.Major() != want.major || got.PythonVersion() != want.python {
			t.Errorf("%s: Prefect %d, Python %q", text, got.Major(), got.PythonVersion())
		}
	}
	for _, text := range []string{"", "x", "-python3.11", "3.1.9-python3", "3.1.9-slim", "v3.1.9", "01.2.3", "3.1.9.1", "2.0-latest", "core-x", "sha-012", "sha-0123ABC", "3.1.9-conda-python3.11", "3.1.9+x"} {
		if got, err := ParsePrefectTag(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
	if moving, why := (PrefectTag{}).Moving(); moving || why != "" {
		t.Error("no tag moves")
	}
}

// What stands still or moved strangely is told.
func TestWhyMoving(t *testing.T) {
	for text, want := range map[string]string{
		"latest":         "Prefect 1",
		"2-latest":       "stood at 2.20.18",
		"2-python3.11":   "stood at 2.20.18",
		"3.1-python3.12": "patch release of Prefect 3.1",
	} {
		tag, err := ParsePrefectTag(text)
		if _, why := tag.Moving(); err != nil || !strings.Contains(why, want) {
			t.Errorf("%s: %q, %v", text, why, err)
		}
	}
}

func TestNearestPrefectTags(t *testing.T) {
	existing := strings.Fields(`latest 1.4.1 1.4.1-python3.9 2-latest 3-latest 3-latest-conda 3-python3.12 3-python3.13 3.1-python3.12 3.1-python3.9 3.1-python3.13
		3.1.8-python3.12 3.1.9-python3.12 3.1.9-python3.11 3.1.9-python3.9 3.1.9-python3.12-conda 3.1.10-python3.12 3.1.10-python3.12 3.2.0-python3.13 3.2.1-python3.13 3.10.0-python3.13
		sha-0123abc-python3.12 nightly`)
	for want, nearest := range map[string]string{
		"3.1.9-python3.13":       "3.1-python3.13 3.1.9-python3.12 3.1.9-python3.11",
		"3.1.11-python3.12":      "3.1.10-python3.12 3.1-python3.12 3.1.9-python3.11",
		"3.1.9-python3.11-conda": "3.1.9-python3.12-conda 3.1.9-python3.11 3.1.9-python3.12",
		"3-python3.14":           "3-python3.13 3-python3.12 3-latest",
		"latest-python3.11":      "latest 1.4.1-python3.9 1.4.1",
		"2.20.1-python3.11":      "2-latest",
		"4-latest":               "",
		"main":                   "",
		"nightly":                "",
		"v3.1.9-python3.12":      "3.1.9-python3.12 3.1-python3.12 3.1.9-python3.11",
		"3.1.9-python312":        "3.1.9-python3.12 3.1-python3.12 3.1.9-python3.11",
		"3.1.9-py3.12":           "3.1.9-python3.12 3.1-python3.12 3.1.9-python3.11",
		"3.1.9-3.12":             "3.1.9-python3.12 3.1-python3.12 3.1.9-python3.11",
		"3.1.9-3.12.4":           "3.1.9-python3.12 3.1-python3.12 3.1.9-python3.11",
		"3.x":                    "3-latest 3-python3.12 3-python3.13",
	} {
		if got := strings.Join(NearestPrefectTags(want, existing, 3), " "); got != nearest {
			t.Errorf("%s: %s, want %s", want, got, nearest)
		}
		slices.Reverse(existing)
	}
	for want, message := range map[string]string{
		"3.1.9-python3.13":       "the nearest that exist are 3.1-python3.13, 3.1.9-python3.12, 3.1.9-python3.11",
		"sha-9999999-python3.12": "Prefect publishes commits as prefecthq/prefect-dev:sha-<7 digits>-python3.M",
		"4-latest":               "",
		"?":                      `"?": not a tag of Prefect's scheme; those are like 3.1.9-python3.12, 2-latest-conda or sha-0123abc-python3.11`,
	} {
		if got := MissingPrefectTag(want, existing); got != message {
			t.Errorf("%s: %q", want, got)
		}
	}
}

func FuzzPrefectTag(f *testing.F) {
	for _, s := range []string{"3.1.9-python3.12-conda", "latest", "core-1.0", "sha-0123abc", "99999999999999999999-latest", "1-dev-python3.7"} {
		f.Add(s, "3.1.9-python3.12")
	}
	f.Fuzz(func(t *testing.T, s, other string) {
		tag, err := ParsePrefectTag(s)
		if err == nil && tag.String() != s {
			t.Fatalf("%q prints %q", s, tag)
		}
		if moving, why := tag.Moving(); err == nil && why == "" || moving && err != nil || tag.Major() < 0 {
			t.Fatalf("%q: moving %v because %q, Prefect %d", s, moving, why, tag.Major())
		}
		if v := tag.PythonVersion(); v != "" && len(numbers(v)) != 2 && len(v) < 10 {
			t.Fatalf("%q: Python %q", s, v)
		}
		existing := []string{other, s, other, "3.1.9-python3.12"}
		near := NearestPrefectTags(s, existing, 9)
		slices.Reverse(existing)
		if again := NearestPrefectTags(s, existing, 9); !slices.Equal(near, again) {
			t.Fatalf("%q: %q or %q", s, near, again)
		}
	})
}
