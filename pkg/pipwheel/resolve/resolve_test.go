package resolve

import (
	"strings"
	"testing"
)

func TestResolve(t *testing.T) {
	for _, c := range []struct{ name, world, want string }{
		{"the newest", `
			foo 1.0
			foo 1.10: bar
			foo 1.9
			bar 2
			other 1
			ask foo`, "bar 2\nfoo 1.10"},
		{"nothing", ``, ""},
		{"an older version of what comes later gives way to what comes first", `
			a 2: c<2
			a 1: c
			b 2: c>=2
			b 1: c
			c 1
			c 2
			ask a
			ask b`, "a 2\nb 1\nc 1"},
		{"the order of the lines decides", `
			a 2: c<2
			a 1: c
			b 2: c>=2
			b 1: c
			c 1
			c 2
			ask b
			ask a`, "a 1\nb 2\nc 2"},
		{"backtracking over two levels", `
			a 3: b==3
			a 2: b==2
			a 1
			b 3: c==3
			b 2: c==2
			c 1
			c 2
			ask a`, "a 2\nb 2\nc 2"},
		{"a cycle", `
			a 1: b
			b 1: c
			c 1: a>=1
			ask a`, "a 1\nb 1\nc 1"},
		{"markers of the target", `
			a 1: win; sys_platform == "win32" | lin; sys_platform == "linux" | old; python_version < "3.11"
			lin 1
			ask a
			ask mac; sys_platform == "darwin"`, "a 1\nlin 1"},
		{"versions that are written differently", `
			a 1.0.0: b==2
			b 2.0
			ask a==1`, "a 1.0.0\nb 2.0"},
		{"a local version satisfies ==", `
			torch 2.1+cpu
			torch 2.0
			ask torch==2.1`, "torch 2.1+cpu"},
		{"Requires-Python of the index", `
			a 2 [python=>=3.12]
			a 1 [python=>=3.8]
			ask a`, "a 1"},
		{"Requires-Python of the metadata", `
			a 2 [metapython=>=3.12]
			a 1 [metapython=>=3.8]
			ask a`, "a 1"},
		{"a pre-release of Python counts as final", `
			python 3.12.0rc1
			a 2 [python=>=3.12]
			a 1
			ask a`, "a 2"},
		{"unusable metadata", `
			a 2 [bad=cannot be read]
			a 1
			ask a`, "a 1"},
		{"a marker without a value rules a version out", `
			a 2: b; python_version ~= "surprise"
			a 1
			b 1
			ask a`, "a 1"},
		{"constraints limit and add nothing", `
			a 1: b
			b 1
			b 2
			c 1
			limit b<2
			limit c<5
			ask a`, "a 1\nb 1"},
		{"overrides replace", `
			a 1: b<2
			b 1
			b 2
			override b>=2
			ask a
			ask b==1`, "a 1\nb 2"},
		{"an override whose marker is false drops", `
			a 1: b<2
			override b; sys_platform == "win32"
			ask a`, "a 1"},
		{"no dependencies", `
			nodeps
			a 1: b
			ask a`, "a 1"},
		{"a lock is kept where it can be", `
			a 1
			a 2
			b 1
			b 2
			prefer a 1
			prefer b 1
			ask a
			ask b>1`, "a 1\nb 2"},
		{"a lock is upgraded by name", `
			a 1
			a 2
			b 1
			b 2
			prefer a 1
			prefer b 1
			upgrade b
			ask a
			ask b`, "a 1\nb 2"},
		{"a requirement by URL", `
			url https://h/a.whl a 5: b
			a 9
			b 1: a>=4
			ask a @ https://h/a.whl
			ask b`, "a 5\nb 1"},
		{"a requirement by URL of a distribution, asked for by the user too", `
			url https://h/a.whl a 5
			b 1: a @ https://h/a.whl
			ask b
			ask a @ https://h/a.whl`, "a 5\nb 1"},
		{"a requirement by URL of a distribution", `
			url https://h/a.whl a 5
			b 2: a @ https://h/a.whl
			b 1
			ask b`, "b 1"},
		{"a distribution that excludes itself", `
			a 2: a<2
			a 1
			ask a`, "a 1"},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, c.world, c.want) })
	}
}

func expect(t *testing.T, text, want string) {
	t.Helper()
	got, err := parseWorld(t, text).resolve()
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestExtras(t *testing.T) {
	const dask = `
		dask 2 [extras=array,all]: toolz | numpy>=2; extra == "array" | dask[array]; extra == "all"
		dask 1 [extras=array]: toolz | numpy; extra == "array"
		toolz 1
		numpy 1
		numpy 2
		`
	for _, c := range []struct{ name, lines, want string }{
		{"not asked for", `ask dask`, "dask 2\ntoolz 1"},
		{"asked for", `ask dask[array]`, "dask[array] 2\nnumpy 2\ntoolz 1"},
		{"one through another", `ask Dask[All]`, "dask[all,array] 2\nnumpy 2\ntoolz 1"},
		{"limits the distribution", "ask dask[array]\nask numpy<2", "dask[array] 1\nnumpy 1\ntoolz 1"},
		{"does not without it", "ask dask\nask numpy<2", "dask 2\nnumpy 1\ntoolz 1"},
		{"by another distribution", "x 1: dask[array]<2\nask dask\nask x", "dask[array] 1\nnumpy 2\ntoolz 1\nx 1"},
		{"unknown", "ask dask[gpu]", "dask[gpu] 2\ntoolz 1\nwarning: dask 2 has no extra gpu (asked for by requirements.txt:1)"},
		{"of what is installed", "base dask 1 [extras=array]: toolz | numpy<2; extra == \"array\"\nbase toolz 1\nask dask[array]", "dask[array] 1 base\nnumpy 1\ntoolz 1 base"},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, dask+c.lines, c.want) })
	}
}

func TestPrereleases(t *testing.T) {
	const foo = "foo 1.0\nfoo 2.0rc1\nbar 1: foo>=1.5\np 1.9\np 2.5rc1\np 3.1\na 1: p>=2\nb 1: p<3\nrc 1b1\nrc 1b2\n"
	for _, c := range []struct{ name, lines, want string }{
		{"a final one is there", "ask foo", "foo 1.0"},
		{"needed", "ask foo>=1.5", "foo 2.0rc1"},
		{"needed by another", "ask bar", "bar 1\nfoo 2.0rc1"},
		{"needed by two together", "ask a\nask b", "a 1\nb 1\np 2.5rc1"},
		{"nothing else was published", "ask rc", "rc 1b2"},
		{"named by the user", "ask foo>=1.0rc1", "foo 2.0rc1"},
		{"named by a distribution only", "x 1: foo>=1.0rc1\nask x", "foo 1.0\nx 1"},
		{"allowed for all", "pre\nask foo", "foo 2.0rc1"},
		{"allowed for one", "pre foo\nask foo\nask p<3", "foo 2.0rc1\np 1.9"},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, foo+c.lines, c.want) })
	}
}

func TestYanked(t *testing.T) {
	const foo = "foo 1\nfoo 2 [yanked=breaks]\nbar 1: foo==2\n"
	for _, c := range []struct{ name, lines, want string }{
		{"passed over", "ask foo", "foo 1"},
		{"pinned", "ask foo==2", "foo 2\nwarning: foo 2 was yanked by its authors: breaks"},
		{"pinned by a constraint", "ask foo\nlimit foo==2", "foo 2\nwarning: foo 2 was yanked by its authors: breaks"},
		{"locked", "ask foo\nprefer foo 2", "foo 2\nwarning: foo 2 was yanked by its authors: breaks"},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, foo+c.lines, c.want) })
	}
	if _, err := parseWorld(t, foo+"ask bar").resolve(); err == nil || !strings.Contains(err.Error(), "yanked") {
		t.Errorf("a pin that is not the user's: %v", err)
	}
}
