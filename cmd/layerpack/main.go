// Command layerpack turns a base image, a Prefect flow and its Python wheels into a pushed
// OCI image, with no Docker daemon, no root and no Python.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// memoryGoal is what the garbage collector tries to stay within, in bytes: building layers makes
// much garbage of little use, and runners are small. GOMEMLIMIT in the environment goes before it.
const memoryGoal = 96 << 20

// garbage is what the heap may grow by between collections, in percent, as long as it stays within the goal.
const garbage = 400

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal)
		if os.Getenv("GOGC") == "" {
			debug.SetGCPercent(garbage) // the limit bounds memory, so a short run need not collect at all
		}
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	os.Exit(run(watch(signals), os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// interrupted is the cause of a context that a signal ended.
type interrupted struct{ signal syscall.Signal }

func (i interrupted) Error() string { return "stopped by " + i.signal.String() }

// watch returns a context that ends at the first signal. The second one ends the program.
func watch(signals chan os.Signal) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() {
		first := (<-signals).(syscall.Signal)
		cancel(interrupted{first})
		<-signals
		os.Exit(128 + int(first))
	}()
	return ctx
}
