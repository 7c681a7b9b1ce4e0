package requirement

import (
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

func TestParseArgs(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		" \n":                       "",
		"scikit-learn matplotlib":   "arguments scikit-learn\narguments matplotlib",
		"pandas >= 2, < 3":          "arguments pandas<3,>=2",
		"a[x,y]>=1\tb==2\n'c >= 3'": "arguments a[x,y]>=1\narguments b==2\narguments c>=3",
		"a; python_version < '3'":   "arguments a; python_version < \"3\"",
		`"a; os_name=='nt'" b`:      "arguments a; os_name == \"nt\"\narguments b",
		"./a-1-py3-none-any.whl https://h/b-1-py3-none-any.whl": "arguments a <./a-1-py3-none-any.whl 1 >\narguments b <https://h/b-1-py3-none-any.whl 1 >",
		"a -U --no-cache-dir -q b":                              "arguments a\narguments b",
		"-e . git+https://h/r.git a":                            "arguments  {a checkout from version control}\narguments a\narguments  {an editable install}",
	} {
		set, err := ParseArgs(text)
		if err != nil || show(set.Requirements) != want {
			t.Errorf("%q: %v\n%s", text, err, show(set.Requirements))
		}
	}
	for text, want := range map[string]string{
		"pandas >=2 numpy":                       `">=2": a version without a name`,
		"a 'b":                                   "not closed",
		"a --hash=sha256:":                       "no option",
		"a --dry-run":                            "no option",
		"a -r r.txt":                             "no files can be read",
		"a --no-binary=-x":                       "needs names",
		"a ${X":                                  "${X",
		"--require-hashes --no-require-hashes":   "exclude each other",
		"https://u:pass@h/b-1-py3-none.whl pand": "https://****@h",
	} {
		_, err := ParseArgs(text)
		if err == nil || !refusal.Is(err) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "pass@") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestArgsOptions(t *testing.T) {
	r := reader(map[string]string{"r.txt": "x\n-f l", "c.txt": "x<2"}, nil)
	set, err := r.Args("--pip", "a -r r.txt -c c.txt -f one -f two --extra-index-url https://e -i https://i --pre --only-binary :all: -U")
	if err != nil {
		t.Fatal(err)
	}
	if show(set.Requirements) != "--pip a\nr.txt:1 x" || show(set.Constraints) != "c.txt:1 x<2" {
		t.Errorf("%s\n%s", show(set.Requirements), show(set.Constraints))
	}
	o := set.Options
	if len(o.FindLinks) != 3 || o.FindLinks[2].Location != "two" || o.IndexURL != "https://i" || len(o.ExtraIndexURLs) != 1 || len(o.AllReleases) != 1 || len(o.OnlyBinary) != 1 {
		t.Errorf("%+v", o)
	}
	if len(set.Notes) != 1 || !strings.Contains(set.Notes[0].String(), "-U has no effect") {
		t.Errorf("%v", set.Notes)
	}
}
