package image

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is a process that serves until it is stopped.
type server struct {
	cmd   *exec.Cmd
	ended chan error
	log   string
}

// serve starts a server and waits until ready says yes. It ends with this process in any case.
func serve(ctx context.Context, log string, ready func() bool, name string, args ...string) (*server, error) {
	f, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = f, f
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	err = cmd.Start()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, err
	}
	s := &server{cmd, make(chan error, 1), log}
	go func() { s.ended <- cmd.Wait() }()
	for end := time.Now().Add(time.Minute); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		if ready() {
			return s, nil
		}
	}
	text, _ := os.ReadFile(log) // for the message alone
	return nil, fmt.Errorf("%s is not ready: %w\n%s", cmd, s.stop(), text)
}

// stop ends the server and waits for it.
func (s *server) stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case <-s.ended:
		return nil
	case <-time.After(20 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.ended
		return fmt.Errorf("%s did not end on SIGTERM", s.cmd)
	}
}

// ticksPerSecond is the unit of times in /proc, which Linux fixes for programs at 100.
const ticksPerSecond = 100

// user is the CPU time in user mode of the server and of the children that it waited for
// (proc(5), /proc/pid/stat, fields utime and cutime).
func (s *server) user() (time.Duration, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	return parseStat(string(raw))
}

func parseStat(stat string) (time.Duration, error) {
	end := strings.LastIndexByte(stat, ')') // the name before may hold anything
	fields := strings.Fields(stat[end+1:])
	if end < 0 || len(fields) < 14 {
		return 0, fmt.Errorf("no process's times in %q", stat)
	}
	var ticks int64
	for _, f := range []string{fields[11], fields[13]} {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

// freeAddress is an address of the loopback that nobody listens at.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
