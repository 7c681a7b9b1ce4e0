package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestEndlessPagesShareMemory: however many pages do not end, one of them at a time may be large.
func TestEndlessPagesShareMemory(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	var words []string
	for n := range 8 {
		words = append(words, fmt.Sprintf("w%d", n))
		if err := m.world.index.lie("endless", "simple/"+words[n], -1); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("layerpack", "plan", "--base", m.base, "--no-source", "--no-cache", "--pip", strings.Join(words, " "))
	var stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stderr = m.dir, m.environ(), &stderr
	err := cmd.Run()
	if cmd.ProcessState.ExitCode() != exitRefused || !strings.Contains(stderr.String(), "larger than 64 MiB") {
		t.Fatalf("%v: %s", err, &stderr)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Fatal("the system does not tell")
	}
	const most = 900 << 10 // KiB: a buffer that doubles, those before it, and the rest
	if usage.Maxrss > most {
		t.Errorf("%d MiB for pages of at most 64 MiB", usage.Maxrss>>10)
	}
}
