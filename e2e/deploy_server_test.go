//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// prefect is one version of Prefect as a person has it who deploys: installed, with a server of that version.
type prefect struct {
	name    string // of the virtual environment, see deploy.sh
	version string
	bin     string   // folder of its programs
	api     string   // address of the server
	env     []string // of all that is run with it
}

// newPrefect finds an installed version and starts its server.
func newPrefect(t *testing.T, clients, name string) *prefect {
	t.Helper()
	home := t.TempDir()
	addr := freeAddress(t)
	p := &prefect{name: name, bin: filepath.Join(clients, name, "bin"), api: "http://" + addr + "/api"}
	p.env = []string{
		"PATH=" + p.bin + ":/usr/bin:/bin",
		"HOME=" + home, "TMPDIR=" + t.TempDir(), "PREFECT_HOME=" + home, "PREFECT_API_URL=" + p.api,
		"PREFECT_SERVER_ANALYTICS_ENABLED=false", "DO_NOT_TRACK=1", "NO_COLOR=1", "COLUMNS=400", "PYTHONUNBUFFERED=1",
	}
	p.version = strings.TrimSpace(command(t, filepath.Join(p.bin, "python"), "-c",
		"import importlib.metadata as m; print(m.version('prefect'))"))
	p.serve(t, addr, filepath.Join(home, "server.log"))
	return p
}

// with is this Prefect with more variables.
func (p *prefect) with(env ...string) *prefect {
	q := *p
	q.env = slices.Concat(p.env, env)
	return &q
}

// serve runs prefect server start until the test ends, with the processes that it starts.
func (p *prefect) serve(t *testing.T, addr, log string) {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cmd := exec.Command(filepath.Join(p.bin, "prefect"), "server", "start", "--host", host, "--port", port)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, f, f
	// A group of its own, since it starts others; told to end even if the test is killed.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", cmd, err)
	}
	t.Cleanup(func() {
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(3 * time.Second): // Prefect 2.11 waits for what its server waits for
		}
		// What is left of the group is killed and given time to leave: its files are removed next.
		for end := time.Now().Add(2 * time.Second); syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) == nil && time.Now().Before(end); {
			time.Sleep(20 * time.Millisecond)
		}
		if t.Failed() {
			text, err := os.ReadFile(log)
			t.Logf("the server of Prefect %s said\n%s%v", p.version, text[max(0, len(text)-4000):], err)
		}
	})
	waitFor(t, cmd, log, 3*time.Minute, func() bool {
		resp, err := http.Get(p.api + "/health")
		if err != nil {
			return false
		}
		return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	})
}

// ask speaks to the server's API; a nil question is a GET.
func (p *prefect) ask(t *testing.T, path string, question, into any) {
	t.Helper()
	askPrefect(t, p.api+path, question, into)
}

func askPrefect(t *testing.T, url string, question, into any) {
	t.Helper()
	method, body := http.MethodGet, []byte(nil)
	if question != nil {
		var err error
		method = http.MethodPost
		if body, err = json.Marshal(question); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s %v\n%s", method, url, resp.Status, err, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s %s: %v\n%s", method, url, err, text)
	}
}

// run runs a program of this Prefect in a folder, whatever comes of it.
func (p *prefect) run(t *testing.T, dir string, line ...string) outcome {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(p.bin, line[0]), line[1:]...)
	cmd.Dir, cmd.Env = dir, p.env
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatalf("%s: %v", cmd, err)
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// ok runs what must succeed.
func (p *prefect) ok(t *testing.T, dir string, line ...string) outcome {
	t.Helper()
	o := p.run(t, dir, line...)
	if o.code != 0 {
		t.Fatalf("Prefect %s: %q ended with %d\n%s%s", p.version, line, o.code, o.stdout, o.stderr)
	}
	return o
}
