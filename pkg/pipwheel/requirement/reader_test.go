package requirement

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// reader reads files of a map, and variables of another.
func reader(files, variables map[string]string) Reader {
	return Reader{
		Open: func(name string) ([]byte, error) {
			if text, ok := files[name]; ok {
				return []byte(text), nil
			}
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		},
		Getenv: func(name string) (string, bool) { v, ok := variables[name]; return v, ok },
	}
}

// show writes requirements as lines: origin, requirement, file, reason for a build, hashes.
func show(list []Requirement) string {
	var out []string
	for _, r := range list {
		s := r.Origin.String() + " " + r.Name
		if r.Name != "" {
			s = r.Origin.String() + " " + r.Requirement.String()
		}
		if r.Wheel != nil {
			s += fmt.Sprintf(" <%s%s %s %s>", r.Wheel.URL, r.Wheel.Path, r.Wheel.Version, r.Wheel.Hash)
		}
		if r.Build != "" {
			s += " {" + r.Build + "}"
		}
		if len(r.Hashes) > 0 {
			s += fmt.Sprint(" ", r.Hashes)
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

func TestFiles(t *testing.T) {
	sha := strings.Repeat("0", 64)
	files := map[string]string{
		"dir/requirements.txt": "pandas[b,a]>=2 ; python_version > '3'\n-r sub/more.txt\n-c ../c.txt\n" +
			"./w/x_y-1.0-py3-none-any.whl[e] ; os_name == 'nt'\nhttps://h/z-2-py3-none-any.whl#sha256=" + sha + "\n" +
			"z @ file:///d/z-2-py3-none-any.whl\na==1 \\\n  --hash=sha256:" + strings.ToUpper(strings.Repeat("f", 64)) + " --hash=sha256:" + sha + "\n",
		"dir/sub/more.txt": "-r ../../top.txt\n-e .\ngit+https://h/r#egg=name\n./folder\nx.tar.gz\nhttps://h/s.zip\n",
		"top.txt":          "top ${V} # ${V}\nother",
		"c.txt":            "pandas<3 # why\n-r dir/r.txt",
		"dir/r.txt":        "from-a-constraint-file",
	}
	set, err := reader(files, map[string]string{"V": ">1"}).Files([]string{"dir/requirements.txt"}, []string{"c.txt"})
	if err != nil {
		t.Fatal(err)
	}
	want := `dir/r.txt:1 from-a-constraint-file
dir/requirements.txt:1 pandas[a,b]>=2; python_version > "3"
top.txt:1 top>1
top.txt:2 other
dir/sub/more.txt:2  {an editable install}
dir/sub/more.txt:3 name {a checkout from version control}
dir/sub/more.txt:4  {a folder with a project}
dir/sub/more.txt:5  {a source distribution}
dir/sub/more.txt:6  {a source distribution}
dir/r.txt:1 from-a-constraint-file
dir/requirements.txt:4 x_y[e]; os_name == "nt" <./w/x_y-1.0-py3-none-any.whl 1.0 >
dir/requirements.txt:5 z <https://h/z-2-py3-none-any.whl#sha256=` + sha + ` 2 sha256:` + sha + `>
dir/requirements.txt:6 z @ file:///d/z-2-py3-none-any.whl </d/z-2-py3-none-any.whl 2 >
dir/requirements.txt:7 a==1 map[sha256:[` + sha + ` ` + strings.Repeat("f", 64) + `]]`
	if diff := cmp.Diff(want, show(set.Requirements)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("c.txt:1 pandas<3\nc.txt:1 pandas<3", show(set.Constraints)); diff != "" {
		t.Error(diff)
	}
	if !set.HashMode() {
		t.Error("hashes do not turn on hash mode")
	}
	here, err := set.For(marker.Linux("x86_64", "3.11.2", "cpython"))
	var r *refusal.Error
	if !errors.As(err, &r) || strings.Count(err.Error(), "dir/sub/more.txt:") != 5 || !strings.Contains(err.Error(), "-e . (dir/sub/more.txt:2): an editable install") || !strings.Contains(r.Fix, "pip wheel") {
		t.Errorf("%v", err)
	}
	if len(here.Requirements) != len(set.Requirements)-1 {
		t.Errorf("%d requirements hold", len(here.Requirements))
	}
	if text := set.Requirements[2].Text; text != "top ${V}" {
		t.Errorf("text %q", text)
	}
}

func TestFilesRefused(t *testing.T) {
	for text, want := range map[string]string{
		"-r r.txt":                              "r.txt includes itself",
		"-r a.txt":                              "b.txt: a.txt includes itself",
		"-r ":                                   "-r needs a value",
		"-r ''":                                 "the file to include is empty",
		"-r pylock.toml":                        "a lock file",
		"-r https://u:pass@h/r.txt":             "https://****@h/r.txt: requirement files at URLs are not read",
		"-r git+https://h/r.txt":                "not read by git+https",
		"-r file://host/r.txt":                  "not the URL of a file on this machine",
		"ok\na b":                               `r.txt:2: "a b"`,
		"a = 1":                                 "= is no operator",
		"a @ https://u:pass@h/b-1-py3-none.whl": "https://****@h",
		"a @ https://h/b-1-py3-none-any.whl":    "is a wheel of b, not of a",
		"a @ ./b":                               "a URL begins with https://",
		"a @ ftp://h/b":                         "a URL begins with https://",
		"ftp://h/b-1-py3-none-any.whl":          "a URL begins with https://",
		"file://host/b-1-py3-none-any.whl":      "no host",
		"https://h/%zz.whl":                     "not a URL",
		"git+https://h/r#egg=a[b]":              "#egg=",
		"a --hash=md5:0":                        "sha256, sha384 and sha512",
		"--hash=md5:0":                          "sha256, sha384 and sha512",
		"a --hash=sha256":                       "an algorithm and a digest",
		"a --hash=sha256:abc":                   "64 hexadecimal digits",
		"a --hash":                              "--hash needs a value",
		`a --hash="`:                            "not closed",
		"--nothing":                             "--nothing is no option",
		"--re x":                                "could be each of --require-hashes, --requirement",
		"--pre=1":                               "--pre takes no value",
		"-x":                                    "-x is no option",
		"--no-binary=-x":                        "needs names",
		"-e https://h/x.zip":                    "editable install is of",
		"-e git+https://h/x":                    "#egg=",
		"--require-hashes\n--no-require-hashes": "exclude each other",
		"-c bad1.txt":                           "has no extras",
		"-c bad2.txt":                           "needs a name",
		"-c bad3.txt":                           "cannot be editable",
		"./a-1-py3-none-any.whl[,]":             "r.txt:1",
		"a; os_name = 'x'":                      "the marker",
		"pandas ./x":                            "r.txt:1",
		"a==${LAYERPACK_TOKEN}":                 "netrc",
		"-i https://${AWS_SECRET_ACCESS_KEY}@h": "${AWS_SECRET_ACCESS_KEY} may hold credentials",
		"${CI_JOB_TOKEN}":                       "CI_JOB_TOKEN",
		"a==${V}":                               "once its variables have their values",
	} {
		files := map[string]string{"r.txt": text, "a.txt": "-r b.txt", "b.txt": "-r a.txt", "bad1.txt": "a[b]", "bad2.txt": "./x", "bad3.txt": "-e ."}
		_, err := reader(files, map[string]string{"V": "s3cret", "AWS_SECRET_ACCESS_KEY": "s3cret", "LAYERPACK_TOKEN": "s3cret"}).Files([]string{"r.txt"}, nil)
		if err == nil || !refusal.Is(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		} else if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "pass@") {
			t.Errorf("%q: a secret is in %v", text, err)
		}
	}
	if _, err := reader(nil, nil).Files([]string{"gone.txt"}, nil); !errors.Is(err, fs.ErrNotExist) || refusal.Is(err) {
		t.Errorf("%v", err)
	}
	if _, err := (Reader{}).Files([]string{"r.txt"}, nil); err == nil {
		t.Error("a reader without files has read one")
	}
}

// TestManyIncludes makes sure that a few lines cannot make a reader busy for ever.
func TestManyIncludes(t *testing.T) {
	files := map[string]string{}
	for i := range 40 {
		files[fmt.Sprintf("%d.txt", i)] = strings.Repeat(fmt.Sprintf("-r %d.txt\n", i+1), 2)
	}
	files["40.txt"] = "a"
	_, err := reader(files, nil).Files([]string{"0.txt"}, nil)
	if err == nil || !strings.Contains(err.Error(), "more than 1000 files") {
		t.Errorf("%v", err)
	}
}

func TestURLs(t *testing.T) {
	r := reader(map[string]string{"/d/local.txt": "-r more.txt", "/d/more.txt": "local"}, map[string]string{"AWS_X": "1", "LAYERPACK_X": "1"})
	r.OpenURL = func(link string) ([]byte, error) {
		switch link {
		case "https://u:p@h/a/r.txt":
			return []byte("-r ../b/more.txt\nx"), nil
		case "https://u:p@h/b/more.txt":
			return []byte("y"), nil
		}
		return nil, errors.New("404")
	}
	set, err := r.Files([]string{"https://u:p@h/a/r.txt", "file:///d/local.txt"}, nil)
	if err != nil || show(set.Requirements) != "https://****@h/b/more.txt:1 y\nhttps://****@h/a/r.txt:2 x\nfile:///d/more.txt:1 local" {
		t.Errorf("%v\n%s", err, show(set.Requirements))
	}
	if _, err := r.Files([]string{"https://u:p@h/none"}, nil); err == nil || strings.Contains(err.Error(), "u:p") {
		t.Errorf("%v", err)
	}
	r.Permit = []string{"AWS_X", "LAYERPACK_X"}
	if text, expanded, err := r.expand("a${AWS_X}"); text != "a1" || !expanded || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if _, _, err := r.expand("${LAYERPACK_X}"); err == nil {
		t.Error("a variable of layerpack was expanded")
	}
}
