//go:build e2e

package e2e

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// testSlim is the page 'Instead of this Dockerfile' where it puts Prefect on a plain Python: its command makes an image whose
// flow runs, with what pip installs at its place in the Dockerfile.
func testSlim(t *testing.T, r *rig) {
	s := &slim{rig: r, base: r.slimBase(t), tag: r.host + "/slim/flows:1", index: startIndex(t, t.TempDir(), true)}
	s.words, s.asked = s.page(t)
	since := time.Now()
	for _, test := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"Flow", s.testFlow},
		{"Pip", s.testPip},
		{"SameDigest", s.testSameDigest},
		{"ProjectsPrefect", s.testProjectsPrefect},
	} {
		t.Run(test.name, test.run)
		t.Logf("%5.1f s %s", time.Since(since).Seconds(), test.name)
		since = time.Now()
	}
}

// slim is a base with Python alone, the page's command for it, and an index that pip and layerpack see the same of.
type slim struct {
	*rig
	base, tag string
	words     []string // of layerpack on the page, for this base and tag
	asked     []string // of pip install in the page's Dockerfile
	index     *index
}

const (
	slimPage    = "../docs/instead-of-this-dockerfile.md"
	slimSection = "## Prefect on a plain Python\n"
)

// page takes both sides of a section from the page: the words of its command and those of the Dockerfile's RUN.
func (s *slim) page(t *testing.T) (layerpack, pip []string) {
	t.Helper()
	_, section, ok := strings.Cut(read(t, slimPage), slimSection)
	blocks := regexp.MustCompile("(?s)```(dockerfile|sh)\n(.*?)```").FindAllStringSubmatch(section, 2)
	if !ok || len(blocks) != 2 || blocks[0][1] != "dockerfile" || blocks[1][1] != "sh" {
		t.Fatalf("%s: the section %q has not a Dockerfile and a command first", slimPage, slimSection)
	}
	run := regexp.MustCompile(`(?m)^RUN pip install (.*)$`).FindStringSubmatch(blocks[0][2])
	if run == nil {
		t.Fatalf("%s: pip is not run in\n%s", slimPage, blocks[0][2])
	}
	// A shell takes the words apart.
	list := func(line string) []string {
		return strings.Split(strings.TrimSuffix(command(t, "sh", "-c", `printf '%s\n' `+line), "\n"), "\n")
	}
	ours := strings.NewReplacer("python:3.11-slim", s.base, "registry.example/team/flows", s.tag)
	words := list(ours.Replace(blocks[1][2]))
	if words[0] != "layerpack" || !slices.Contains(words, s.base) || !slices.Contains(words, s.tag) {
		t.Fatalf("%s: the command is %q", slimPage, words)
	}
	return words[1:], list(run[1])
}

// slimDay is when the index is looked at. With FastAPI 0.155, which is two weeks younger, the server of Prefect 3.8 does not start.
const slimDay = "2026-10-07T00:00:00Z"

// build is the page's command in a project, as things were on that day; the index is what pip's environment says.
func (s *slim) build(dir string) call {
	return call{dir: dir, env: s.env(), args: append(slices.Clone(s.words), "--exclude-newer", slimDay)}
}

func (s *slim) env() []string { return []string{"PIP_INDEX_URL=" + s.index.simple()} }

// testSameDigest: neither the machine's state nor how the words are put shows in the image.
func (s *slim) testSameDigest(t *testing.T) {
	want := s.image(t, s.tag).digest
	c := s.build(slimProject(t, checkout{private: true, reverse: true, mtime: time.Date(2001, 2, 3, 4, 5, 6, 789, time.UTC)}))
	c.umask = "077"
	c.env = append(c.env, "XDG_CACHE_HOME="+t.TempDir(), "GOMAXPROCS=1", "TMPDIR="+mountableDir(t), "HOME="+mountableDir(t))
	// Where a word holds several requirements, they are said one by one; the registry is no cache in another repository.
	var words []string
	for i, w := range c.args {
		switch {
		case i > 0 && c.args[i-1] == "--pip":
			words = append(words, strings.Join(strings.Fields(w), "\x00--pip\x00"))
		case w == s.tag:
			words = append(words, s.host+"/slim/again:1")
		default:
			words = append(words, w)
		}
	}
	c.args = strings.Split(strings.Join(words, "\x00"), "\x00")
	if got := s.json(t, c).Digest; got != want {
		t.Errorf("%q gave %s, want %s", c.args, got, want)
	}
}
