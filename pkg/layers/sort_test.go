package layers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// order is Order by what it promises.
func order(paths []string) []int {
	places := make([]int, len(paths))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int { return cmp.Or(strings.Compare(paths[a], paths[b]), a-b) })
	return places
}

func checkOrder(t *testing.T, paths []string) {
	t.Helper()
	got := Order(len(paths), func(i int) string { return paths[i] })
	if want := order(paths); !slices.Equal(got, want) {
		t.Fatalf("%q:\n got %v\nwant %v", paths, got, want)
	}
}

// treePaths are n paths as wheels have them, in the order of a walk over folders.
func treePaths(n int) []string {
	var paths []string
	for i := range n {
		paths = append(paths, fmt.Sprintf("usr/local/lib/python3.11/site-packages/package%d/module%d/name%d.py", i/500%7, i/20%25, i*7919%n))
	}
	return paths
}

func TestOrder(t *testing.T) {
	checkOrder(t, nil)
	checkOrder(t, treePaths(2000))
	// Paths that end where words of eight bytes do, that are the beginning of others, twice, with NULs.
	var paths []string
	for n := range 40 {
		for _, s := range []string{"a", "\x00", "\xff", "é"} {
			paths = append(paths, strings.Repeat(s, n), strings.Repeat("a", n)+s, strings.Repeat("a", n)+"\x00"+s, strings.Repeat("a", n))
		}
	}
	checkOrder(t, paths)
	slices.Reverse(paths)
	checkOrder(t, paths)
	checkOrder(t, slices.Repeat([]string{strings.Repeat("n", 10_000)}, 100))
}

// TestOrderMerges merges pieces of all lengths that lie in each other.
func TestOrderMerges(t *testing.T) {
	for n := range 40 {
		for m := range 40 {
			var paths []string
			for i := range n {
				paths = append(paths, fmt.Sprintf("%02d", i*3%40))
			}
			for i := range m {
				paths = append(paths, fmt.Sprintf("%02d", i+n/2))
			}
			checkOrder(t, paths)
		}
	}
}

// TestSortChecksNames finds names that no layer may have wherever they come: first in their folder,
// after others, in the root.
func TestSortChecksNames(t *testing.T) {
	long := strings.Repeat("n", maxPart)
	for name, ok := range map[string]bool{
		"x": true, ".hidden": true, "é": true, long: true,
		".wh.x": false, ".": false, "..": false, "": false, "x\x00": false, "x\xff": false, long + "n": false,
	} {
		for _, folder := range []string{"", "d/"} {
			for _, before := range []string{"", " ", "!"} {
				entries := []Entry{dir("d"), file(folder+name, "")}
				if before != "" {
					entries = append(entries, file(folder+before, ""))
				}
				if _, err := Sort(entries); (err == nil) != ok {
					t.Errorf("%q in %q beside %q: %v", name, folder, before, err)
				}
			}
		}
	}
	deep := []Entry{}
	for path := "d"; len(path) <= maxPath-2; path += "/d" {
		deep = append(deep, dir(path))
	}
	last := deep[len(deep)-1].Path
	room := maxPath - len(last) - 1
	for _, n := range []int{room, room + 1} {
		_, err := Sort(append(slices.Clone(deep), file(last+"/a", ""), file(last+"/"+strings.Repeat("b", n), "")))
		if (err == nil) != (n <= room) {
			t.Errorf("a path of %d bytes: %v", len(last)+1+n, err)
		}
	}
}

func FuzzOrder(f *testing.F) {
	f.Add("a\nb\na/b\na")
	f.Add(strings.Repeat("usr/local/lib\n", 20) + "usr/local\x00\nusr/local")
	f.Fuzz(func(t *testing.T, list string) { checkOrder(t, strings.Split(list, "\n")) })
}

func BenchmarkOrder(b *testing.B) {
	paths := treePaths(20_000)
	b.ReportAllocs()
	for b.Loop() {
		Order(len(paths), func(i int) string { return paths[i] })
	}
}
