package requirement

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		text string
		want Options
	}{
		{"-i https://a\n--extra-index-url https://b\n--extra-index https://c", Options{IndexURL: "https://a", ExtraIndexURLs: []string{"https://b", "https://c"}}},
		{"--extra-index-url https://b\n--index-url=https://a", Options{IndexURL: "https://a"}},
		{"--pypi-url https://a -ihttps://b", Options{IndexURL: "https://b"}},
		{"--no-index\n-i https://a\n--extra-index-url https://b", Options{NoIndex: true}},
		{"-i https://a\n--no-index", Options{NoIndex: true}},
		{"-f links -f more\n-f https://l\n--find-links=/abs", Options{FindLinks: []FindLink{{"links", "dir/links"}, {"https://l", ""}, {"/abs", "/abs"}}}},
		{"--trusted-host a --trusted-host b:1\n--prefer-binary --require-hashes --use-feature fast-deps --use-feature fast-deps", Options{TrustedHosts: []string{"a", "b:1"}, PreferBinary: true, RequireHashes: true, Features: []string{"fast-deps"}}},
		{"--pre\n--pre", Options{AllReleases: []string{":all:"}}},
		{"--only-binary :all:\n--no-binary A_b,c", Options{OnlyBinary: []string{":all:"}, NoBinary: []string{"a-b", "c"}}},
		{"--no-binary a,b,b --no-binary :none: --only-binary x,:all:,y,:none:,z", Options{OnlyBinary: []string{"z"}}},
		{"a --no-binary b -i https://ignored --pre", Options{NoBinary: []string{"b"}}},
		{"--only-final a --all-releases a,b", Options{AllReleases: []string{"a", "b"}}},
		{"-- --pre", Options{}},
		{"--no-require-hashes", Options{NoRequireHashes: true}},
	} {
		set, err := reader(map[string]string{"dir/r.txt": c.text}, nil).Files([]string{"dir/r.txt"}, nil)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		for _, list := range []*[]string{&set.Options.NoBinary, &set.Options.OnlyFinal, &set.Options.OnlyBinary} {
			if len(*list) == 0 {
				*list = nil
			}
		}
		if diff := cmp.Diff(c.want, set.Options); diff != "" {
			t.Errorf("%s\n%s", c.text, diff)
		}
	}
}

func TestControls(t *testing.T) {
	o := Options{NoBinary: []string{":all:", "a"}, OnlyBinary: []string{"b"}, AllReleases: []string{"a"}, OnlyFinal: []string{":all:", "b"}}
	if o.WheelAllowed("A") || !o.WheelAllowed("B") || o.WheelAllowed("c") {
		t.Error("wheels allowed against --no-binary or --only-binary")
	}
	if o = (Options{OnlyBinary: []string{":all:"}, NoBinary: []string{"a"}}); o.WheelAllowed("a") || !o.WheelAllowed("c") {
		t.Error("a name does not win over :all:")
	}
	for name, want := range map[string][2]bool{"a": {true, true}, "b": {false, true}, "c": {false, true}} {
		o := Options{AllReleases: []string{"a"}, OnlyFinal: []string{":all:", "b"}}
		if allowed, decided := o.Prereleases(name); [2]bool{allowed, decided} != want {
			t.Errorf("%s: %v, %v", name, allowed, decided)
		}
	}
	if _, decided := new(Options).Prereleases("a"); decided {
		t.Error("pre-releases are decided by nothing")
	}
}

func TestNotes(t *testing.T) {
	set, err := reader(map[string]string{"r.txt": "a -C x=y\n--use-feature f stray\n--prefer-binary\n-C x=y\nb -i https://x word"}, nil).Files([]string{"r.txt"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var notes []string
	for _, n := range set.Notes {
		notes = append(notes, n.String())
	}
	text := strings.Join(notes, "\n")
	for _, want := range []string{"r.txt:1: --config-settings is for builds", `r.txt:2: "stray" belongs to no option`, "r.txt:2: --use-feature", "r.txt:3: --prefer-binary", "r.txt:4: --config-settings stands without", `r.txt:5: "word"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no note %q in\n%s", want, text)
		}
	}
}

func TestHashMode(t *testing.T) {
	hash := " --hash=sha256:" + strings.Repeat("0", 64)
	for text, want := range map[string]bool{
		"a==1" + hash: true, "a==1": false, "--require-hashes": true, "--no-require-hashes\na==1" + hash: false,
		"https://h/a-1-py3-none-any.whl#sha256=00": false, "-c c.txt": true,
	} {
		set, err := reader(map[string]string{"r.txt": text, "c.txt": "a" + hash}, nil).Files([]string{"r.txt"}, nil)
		if err != nil || set.HashMode() != want {
			t.Errorf("%s: %v, %v", text, set, err)
		}
	}
}
