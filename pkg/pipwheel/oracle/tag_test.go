//go:build oracle

package oracle

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

//go:embed tag_oracle.py
var tagOracle string

// TestTags asks packaging, the newest of the index; it fails without python3, pip and an index.
func TestTags(t *testing.T) {
	dir := t.TempDir()
	pip := filepath.Join(dir, "bin", "pip")
	for _, cmd := range [][]string{
		{"python3", "-m", "venv", dir},
		{pip, "install", "--quiet", "--disable-pip-version-check", "--upgrade", "packaging"},
		{pip, "list", "--disable-pip-version-check", "--format", "freeze"},
	} {
		out, err := exec.Command(cmd[0], cmd[1:]...).CombinedOutput()
		if err != nil {
			t.Fatalf("the oracle needs python3, pip and an index: %v: %v\n%s", cmd, err, out)
		}
		for line := range strings.Lines(string(out)) {
			if strings.HasPrefix(line, "packaging==") {
				t.Logf("the oracle is %s", strings.TrimSpace(line))
			}
		}
	}
	python := filepath.Join(dir, "bin", "python")
	t.Run("supported", func(t *testing.T) { testSupported(t, python) })
	t.Run("filenames", func(t *testing.T) { testFilenames(t, python) })
	t.Run("builds", func(t *testing.T) { testBuildOrder(t, python) })
}

// askTags returns the oracle's answer to each question.
func askTags(t *testing.T, python string, questions []any) []json.RawMessage {
	t.Helper()
	var in, out, stderr bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, q := range questions {
		if err := enc.Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(python, "-c", tagOracle)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var answers []json.RawMessage
	sc := bufio.NewScanner(&out)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		answers = append(answers, slices.Clone(sc.Bytes()))
	}
	if len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions", len(answers), len(questions))
	}
	return answers
}

type target struct {
	Implementation string `json:"implementation"`
	Major          int    `json:"major"`
	Minor          int    `json:"minor"`
	FreeThreaded   bool   `json:"free_threaded"`
	Debug          bool   `json:"debug"`
	Machine        string `json:"machine"`
	LibcKind       string `json:"libc_kind"`
	LibcMajor      int    `json:"libc_major"`
	LibcMinor      int    `json:"libc_minor"`
}

func tagTargets() []target {
	type libc struct {
		kind         string
		major, minor int
	}
	var list []target
	for _, machine := range []string{"x86_64", "i686", "aarch64", "armv7l", "armv8l", "armv6l", "ppc64le", "s390x", "riscv64", "loongarch64"} {
		for _, l := range []libc{{"glibc", 2, 4}, {"glibc", 2, 16}, {"glibc", 2, 17}, {"glibc", 2, 31}, {"glibc", 2, 41}, {"glibc", 3, 1}, {"musl", 1, 0}, {"musl", 1, 2}} {
			for minor := 6; minor <= 15; minor += 3 {
				list = append(list, target{"cpython", 3, minor, false, false, machine, l.kind, l.major, l.minor})
			}
		}
	}
	for minor := range 16 {
		for _, flags := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
			list = append(list, target{"cpython", 3, minor, flags[0], flags[1], "x86_64", "glibc", 2, 36})
		}
		list = append(list, target{"pypy", 3, minor, false, false, "aarch64", "glibc", 2, 36})
	}
	return list
}

// testSupported compares all tags of each target, in order.
//
// Not asked: an interpreter without a known C library. packaging gives it linux_<machine>, we give
// it no platform tags, since a static interpreter loads no extension modules.
func testSupported(t *testing.T, python string) {
	targets := tagTargets()
	var questions []any
	for _, g := range targets {
		questions = append(questions, map[string]any{"target": g})
	}
	compared := 0
	for i, answer := range askTags(t, python, questions) {
		var want, got []string
		if err := json.Unmarshal(answer, &want); err != nil {
			t.Fatal(err)
		}
		for _, tg := range tag.Supported(tag.Interpreter(targets[i])) {
			got = append(got, tg.String())
		}
		compared += len(want)
		if !slices.Equal(got, want) {
			at := 0
			for at < min(len(got), len(want)) && got[at] == want[at] {
				at++
			}
			t.Errorf("%+v: %d tags, packaging has %d; they differ from %d on: %v, %v", targets[i], len(got), len(want), at, head(got[at:]), head(want[at:]))
		}
	}
	t.Logf("%d targets, %d tags compared in order", len(targets), compared)
}

func head(s []string) []string { return s[:min(3, len(s))] }

// The reasons for which we refuse a name that packaging accepts.
const (
	notASCII = "not printable ASCII, or a slash: no index serves such names, and their spelling differs between systems"
	tooMany  = "more than 1,024 tags: packaging caps only on request"
)

func expectedRefusal(name string) string {
	for _, r := range name {
		if r < ' ' || r > '~' || r == '/' || r == '\\' {
			return notASCII
		}
	}
	if strings.Count(name, ".") > 100 {
		return tooMany
	}
	return ""
}

// testFilenames compares whether a name is accepted, its parts and its rank on one target.
func testFilenames(t *testing.T, python string) {
	const n = 40_000
	rnd := rand.New(rand.NewPCG(425, 427))
	in := target{"cpython", 3, 11, false, false, "x86_64", "glibc", 2, 36}
	supported := tag.NewSet(tag.Supported(tag.Interpreter(in)))
	names := []string{"a-1-" + strings.Repeat("py3.", 1100) + "py3-none-any.whl"}
	for len(names) < n {
		names = append(names, randomFilename(rnd))
	}
	questions := []any{map[string]any{"target": in}}
	for _, s := range names {
		questions = append(questions, map[string]string{"filename": s})
	}
	valid, differences := 0, map[string]int{}
	for i, answer := range askTags(t, python, questions)[1:] {
		var want struct {
			OK      bool
			Name    string
			Version string
			Build   []string
			Tags    []string
			Rank    int
		}
		if err := json.Unmarshal(answer, &want); err != nil {
			t.Fatal(err)
		}
		f, err := tag.ParseFilename(names[i])
		if want.OK != (err == nil) {
			if reason := expectedRefusal(names[i]); reason != "" && want.OK {
				differences[reason]++
			} else {
				t.Errorf("%q: %v, packaging says %v", names[i], err, want.OK)
			}
			continue
		}
		if err != nil {
			continue
		}
		valid++
		rank, ok := supported.Rank(f.Tags)
		if !ok {
			rank = -1
		}
		got := fmt.Sprint(distname.Normalize(f.Name), canonical(t, f.Version), splitBuild(f.Build), tagTexts(f.Tags), rank)
		if w := fmt.Sprint(want.Name, want.Version, want.Build, want.Tags, want.Rank); got != w {
			t.Errorf("%q: %s, packaging says %s", names[i], got, w)
		}
	}
	if valid < n/10 || n-valid < n/10 {
		t.Errorf("%d of %d names are valid: the generator has become one-sided", valid, n)
	}
	t.Logf("%d names, %d valid; expected differences: %v", n, valid, differences)
}

func testBuildOrder(t *testing.T, python string) {
	rnd := rand.New(rand.NewPCG(4, 27))
	var questions []any
	var pairs [][2]string
	for range 5000 {
		p := [2]string{randomBuild(rnd), randomBuild(rnd)}
		pairs = append(pairs, p)
		questions = append(questions, map[string]any{"builds": p})
	}
	for i, answer := range askTags(t, python, questions) {
		if got, want := tag.CompareBuild(pairs[i][0], pairs[i][1]), string(answer); fmt.Sprint(got) != want {
			t.Errorf("%q: %d, packaging says %s", pairs[i], got, want)
		}
	}
}

func canonical(t *testing.T, s string) string {
	v, err := version.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return v.String()
}

func splitBuild(s string) []string {
	if s == "" {
		return nil
	}
	rest := strings.TrimLeft(s, "0123456789")
	number := strings.TrimLeft(strings.TrimSuffix(s, rest), "0")
	if number == "" {
		number = "0"
	}
	return []string{number, rest}
}

func tagTexts(tags []tag.Tag) []string {
	var s []string
	for _, tg := range tags {
		s = append(s, tg.String())
	}
	slices.Sort(s)
	return s
}

func pick(rnd *rand.Rand, words ...string) string { return words[rnd.IntN(len(words))] }

// several joins one to three of words with dots.
func several(rnd *rand.Rand, words ...string) string {
	s := pick(rnd, words...)
	for rnd.IntN(3) == 0 {
		s += "." + pick(rnd, words...)
	}
	return s
}

func randomBuild(rnd *rand.Rand) string {
	if rnd.IntN(8) == 0 {
		return ""
	}
	return pick(rnd, "0", "1", "01", "9", "10", "18446744073709551616", "18446744073709551617") + pick(rnd, "", "", "a", "B", "_x", ".2")
}

// randomFilename makes a wheel's file name, then perhaps spoils it.
func randomFilename(rnd *rand.Rand) string {
	s := pick(rnd, "numpy", "Foo.Bar", "a_b_c", "zope.interface", "X", "_", "9lives", "a__b", "a b") + "-" +
		pick(rnd, "1", "1.0", "2.0.1rc1", "1!3.4.post5.dev6+Local.7", "V1.0_ALPHA_2", "1.0+a.b_c", "01.002", "1.0.post", "1..0", "x", "2020.01.01", " 1.0 ") + "-"
	if rnd.IntN(3) == 0 {
		s += pick(rnd, "1", "007", "1_abc", "20250101.2", "x1", "", "123456789012345678901234567890", "1é") + "-"
	}
	s += several(rnd, "py3", "py2", "cp311", "cp37", "CP310", "pp310", "py311", "3py", "p-y", "_x", "é3", "") + "-" +
		several(rnd, "none", "abi3", "cp311", "cp311d", "NONE", "abi3t", "pypy310_pp73", "") + "-" +
		several(rnd, "any", "linux_x86_64", "manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_36_x86_64", "manylinux_2_39_x86_64", "musllinux_1_1_x86_64", "win32", "MACOSX_11_0_arm64", "a b", "") + ".whl"
	for rnd.IntN(3) == 0 {
		at := rnd.IntN(len(s))
		switch c := pick(rnd, "-", ".", "_", "+", "!", "0", "a", "Z", " ", "é", "/", "\\", "\n", "--", ".whl", "İ", "٣", "K"); rnd.IntN(3) {
		case 0:
			s = s[:at] + c + s[at:]
		case 1:
			s = strings.ToValidUTF8(s[:at]+c+s[at+1:], "?")
		default:
			s = strings.ToValidUTF8(s[:at]+s[at+1:], "?")
		}
	}
	return s
}
