package spec

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMapping(t *testing.T) {
	for given, want := range map[string]Mapping{
		"x:/opt/x":     {Src: "/p/x", Dst: "/opt/x"},
		"/x:/opt/x":    {Src: "/x", Dst: "/opt/x"},
		"x:/opt/":      {Src: "/p/x", Dst: "/opt", Into: true},
		"x:/opt//y/./": {Src: "/p/x", Dst: "/opt/y", Into: true},
		"x:/":          {Src: "/p/x", Dst: "/"},
		"a:b:/opt/x":   {Src: "/p/a:b", Dst: "/opt/x"},
		"x:/opt/a:b":   {Src: "/p/x", Dst: "/opt/a:b"},
		"a:/b:/c":      {Src: "/p/a:/b", Dst: "/c"},
		`C:\x:/opt/x`:  {Src: `/p/C:\x`, Dst: "/opt/x"},
		"../x/:/o":     {Src: "/x", Dst: "/o"},
		"x y:/a b":     {Src: "/p/x y", Dst: "/a b"},
	} {
		b := mustNew(t, Flags{Base: "python", Dir: "/p", Files: []string{given}})
		want.Given = given
		if diff := cmp.Diff([]Mapping{want}, b.Files); diff != "" {
			t.Errorf("%s (-want +got):\n%s", given, diff)
		}
	}
	for given, want := range map[string]string{
		"":             "--file : SRC is empty; write SRC:DST",
		"x":            "--file x: write SRC:DST with an absolute DST",
		"x:":           "--file x:: DST must be an absolute path of the image, such as x:/opt/",
		"x:opt/y":      "--file x:opt/y: DST must be an absolute path of the image, such as x:/opt/opt/y",
		`C:\x`:         `--file C:\x: DST must be an absolute path of the image, such as C:/opt/\x`,
		":/opt/x":      "--file :/opt/x: SRC is empty; write SRC:DST",
		"x:/opt/../y":  `--file x:/opt/../y: DST: write it without ".."`,
		"x:/opt/a\nb":  "--file x:/opt/a\nb: DST: leave control characters out and write UTF-8",
		"x:/opt/\xff":  "--file x:/opt/\xff: DST: leave control characters out and write UTF-8",
		"x:/opt/\x00a": "--file x:/opt/\x00a: DST: leave control characters out and write UTF-8",
	} {
		wants(t, func(f *Flags) { f.Files = []string{given} }, want)
	}
}

func TestSources(t *testing.T) {
	type args struct {
		sources            []string
		name, project, dir string
		none               bool
	}
	for name, c := range map[string]struct {
		args
		dst     []string
		workdir string
	}{
		"the folder itself":        {args{dir: "/home/me/shop"}, []string{"/opt/prefect/shop"}, "/opt/prefect/shop"},
		"its name in prefect.yaml": {args{dir: "/home/me/shop", project: "weekly"}, []string{"/opt/prefect/weekly"}, "/opt/prefect/weekly"},
		"--name":                   {args{dir: "/home/me/shop", project: "weekly", name: "n"}, []string{"/opt/prefect/n"}, "/opt/prefect/n"},
		"--name is the first's": {
			args{dir: "/p", name: "n", sources: []string{"a", "b"}},
			[]string{"/opt/prefect/n", "/opt/prefect/b"},
			"/opt/prefect/n",
		},
		"the project's name is the project's": {
			args{dir: "/p", project: "weekly", sources: []string{"a", "."}},
			[]string{"/opt/prefect/a", "/opt/prefect/weekly"},
			"/opt/prefect/a",
		},
		"DST beats all": {args{dir: "/p", project: "weekly", name: "n", sources: []string{".:/srv/x/"}}, []string{"/srv/x"}, "/srv/x"},
		"words of any language": {
			args{dir: "/home/me/größe 東京"}, []string{"/opt/prefect/größe 東京"}, "/opt/prefect/größe 東京",
		},
		"with marks":                {args{dir: "/home/me/e\u0301te\u0301-2+x@y_.z"}, []string{"/opt/prefect/e\u0301te\u0301-2+x@y_.z"}, "/opt/prefect/e\u0301te\u0301-2+x@y_.z"},
		"none":                      {args{dir: "/p", none: true}, nil, ""},
		"none, whatever is called":  {args{dir: "/p:q", none: true, name: "n"}, nil, ""},
		"the root, said explicitly": {args{dir: "/", sources: []string{".:/"}}, []string{"/"}, "/"},
	} {
		b := mustNew(t, Flags{Base: "python", Dir: c.dir, Sources: c.sources, Name: c.name, ProjectName: c.project, NoSource: c.none})
		var dst []string
		for _, s := range b.Sources {
			dst = append(dst, s.Dst)
		}
		if diff := cmp.Diff(c.dst, dst); diff != "" || b.Edits.WorkingDir != c.workdir {
			t.Errorf("%s: workdir %s (-want +got):\n%s", name, b.Edits.WorkingDir, diff)
		}
		if c.none != (b.Edits.PythonPath == nil) || !c.none && b.Edits.PythonPath[0] != c.workdir {
			t.Errorf("%s: PYTHONPATH %v", name, b.Edits.PythonPath)
		}
	}
}

func TestSourcesRefused(t *testing.T) {
	const way = " cannot name a folder of the image; give --name NAME or --source SRC:DST"
	for _, c := range []struct {
		change func(*Flags)
		want   string
	}{
		{func(f *Flags) { f.NoSource, f.Sources = true, []string{"."} }, "--source and --no-source cannot be given together"},
		{func(f *Flags) { f.Sources = []string{""} }, "--source : SRC is empty; write SRC:DST"},
		{func(f *Flags) { f.Sources = []string{".:srv"} }, "--source .:srv: DST must be an absolute path of the image, such as .:/opt/srv"},
		{func(f *Flags) { f.Sources = []string{".:/a:b"} }, "--source .:/a:b: a DST with a colon cannot be on PYTHONPATH"},
		{func(f *Flags) { f.Name = "../up" }, `--name: "../up"` + way},
		{func(f *Flags) { f.Name = ".." }, `--name: ".."` + way},
		{func(f *Flags) { f.Name = "a:b" }, `--name: "a:b"` + way},
		{func(f *Flags) { f.Name = ".wh.x" }, `--name: ".wh.x"` + way},
		{func(f *Flags) { f.Name = "x " }, `--name: "x "` + way},
		{func(f *Flags) { f.Name = strings.Repeat("n", 256) }, `--name: "` + strings.Repeat("n", 256) + `"` + way},
		{func(f *Flags) { f.ProjectName = "{{ $NAME }}" }, `the name in prefect.yaml: "{{ $NAME }}"` + way},
		{func(f *Flags) { f.ProjectName = "a\nb" }, `the name in prefect.yaml: "a\nb"` + way},
		{func(f *Flags) { f.Dir = "/" }, `--source .: "/"` + way},
		{func(f *Flags) { f.Dir = "/home/me/a:b" }, `--source .: "a:b"` + way},
		{func(f *Flags) { f.Dir = "/home/me/\xff" }, `--source .: "\xff"` + way},
		{func(f *Flags) { f.Wheels = []string{"w", ""} }, "--wheels: the path is empty"},
		{func(f *Flags) { f.EnvFiles = []string{""} }, "--env-file: the path is empty"},
	} {
		wants(t, c.change, c.want)
	}
}

func TestInputs(t *testing.T) {
	b := mustNew(t, flags(func(f *Flags) {
		f.Wheels, f.EnvFiles, f.StrictRecord = []string{"w", "/x/../y"}, []string{"e"}, true
	}))
	if diff := cmp.Diff([][]string{{"/home/me/shop/w", "/y"}, {"/home/me/shop/e"}}, [][]string{b.Wheels, b.EnvFiles}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if b.Requirements != "" || !b.StrictRecord {
		t.Errorf("requirements %q are read beside --wheels", b.Requirements)
	}
}
