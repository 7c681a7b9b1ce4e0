//go:build oracle

package oracle

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// newPython makes a virtual environment with the newest packaging of the configured index, and returns its interpreter. It
// is made with the interpreter that the environment variable PYTHON3 names, else with python3.
func newPython(t *testing.T) string {
	t.Helper()
	python := os.Getenv("PYTHON3")
	if python == "" {
		python = "python3"
	}
	python, err := exec.LookPath(python)
	if err != nil {
		t.Fatalf("the oracle needs Python 3: %v (install it, or name it in PYTHON3)", err)
	}
	dir := filepath.Join(t.TempDir(), "venv")
	run(t, python, "-m", "venv", dir)
	python = filepath.Join(dir, "bin", "python")
	run(t, python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "packaging")
	return python
}

// run returns what a command wrote to its standard output.
func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, out.Bytes(), errs.Bytes())
	}
	return out.Bytes()
}

// each calls f with every line of a script's output and the kind of case that it holds.
func each(t *testing.T, lines []byte, f func(kind string, line []byte)) {
	t.Helper()
	scan := bufio.NewScanner(bytes.NewReader(lines))
	scan.Buffer(nil, 16<<20)
	for scan.Scan() {
		var head struct{ Kind string }
		read(t, scan.Bytes(), &head)
		f(head.Kind, scan.Bytes())
	}
	if err := scan.Err(); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, line []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(line, into); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
}
