//go:build unix

package source

import (
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestSocketAndPipe(t *testing.T) {
	t.Chdir(plant(t, "d/f")) // a socket's path is short
	l, err := net.Listen("unix", "d/s")
	must(t, err)
	defer func() { must(t, l.Close()) }()
	_, err = Folder(".", Options{})
	refused(t, err, "d/s", "a socket", "remove it, or name it in a .dockerignore")

	_, err = File("d/s")
	refused(t, err, "a socket")

	must(t, os.WriteFile(".dockerignore", []byte("d/s\n"), 0o644))
	if got := leftOut(walked(t, ".")); got != "d/s (.dockerignore: d/s)\n" {
		t.Errorf("left out %q", got)
	}
	must(t, syscall.Mkfifo("d/p", 0o644))
	_, err = Folder(".", Options{})
	refused(t, err, "d/p", "a pipe", "remove it, or name it in .dockerignore")
}

func TestDevice(t *testing.T) {
	_, err := File(os.DevNull)
	refused(t, err, os.DevNull, "a device", "write it to a file")
}

// A file that becomes a pipe must not block the build until somebody writes to it.
func TestFileBecomesAPipe(t *testing.T) {
	dir := plant(t, "f")
	done := make(chan error, 1)
	go func() {
		done <- meddle(t, dir, "f", func() error {
			if err := os.Remove(filepath.Join(dir, "f")); err != nil {
				return err
			}
			return syscall.Mkfifo(filepath.Join(dir, "f"), 0o644)
		})
	}()
	select {
	case err := <-done:
		if err == nil {
			t.Error("a pipe was read as a file")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("still waiting for a writer")
	}
}

func TestPipeAsDockerignore(t *testing.T) {
	dir := plant(t, "f")
	must(t, syscall.Mkfifo(dir+"/.dockerignore", 0o644))
	_, err := Folder(dir, Options{})
	refused(t, err, ".dockerignore", "not a file")
}
