//go:build e2e

package e2e

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wheel makes a small wheel that is right but for what its tag says, with more files by name and
// content, and answers its path.
func wheel(t *testing.T, name, tag string, more ...[2]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name+"-1.0-"+tag+".whl")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	info := name + "-1.0.dist-info/"
	members := append([][2]string{
		{name + ".py", "def main():\n    print('done')\n"},
		{info + "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: 1.0\n"},
		{info + "WHEEL", "Wheel-Version: 1.0\nGenerator: e2e\nRoot-Is-Purelib: false\nTag: " + tag + "\n"},
	}, more...)
	var record strings.Builder
	for _, m := range members {
		record.WriteString(m[0] + ",,\n")
	}
	record.WriteString(info + "RECORD,,\n")
	for _, m := range append(members, [2]string{info + "RECORD", record.String()}) {
		w, err := z.Create(m[0])
		if err == nil {
			_, err = w.Write([]byte(m[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// oddWheel makes a wheel with what pip and layerpack install otherwise on purpose, and is too rare
// in the index to be counted on. It answers the folder.
func oddWheel(t *testing.T) string {
	t.Helper()
	return filepath.Dir(wheel(t, "odd", "py3-none-any",
		[2]string{"__pycache__/odd.cpython-311.pyc", "code"},
		[2]string{"odd-1.0.data/scripts/odd-plain", "#!python\nprint('plain')\n"}, // not executable
		[2]string{"odd-1.0.data/scripts/odd-made", "#!python\nprint('never')\n"},  // an entry point makes it
		[2]string{"odd-1.0.dist-info/entry_points.txt", "[console_scripts]\nodd-made = odd:main\n"},
	))
}
