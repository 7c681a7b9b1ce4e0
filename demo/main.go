// Command demo shows layerpack's main job on this machine alone: it starts a registry in this
// process, pushes a small base into it, packs a flow with a wheel on that base, and packs it
// once more to show that nothing moves twice.
package main

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/layerpack/layerpack/internal/baseimage/fakebase"
	"github.com/layerpack/layerpack/internal/fakewheel"
)

func main() {
	if err := demo(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func demo(out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "layerpack-demo-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	fmt.Fprintln(out, "# building layerpack")
	bin := filepath.Join(dir, "layerpack")
	if err := run(out, ".", nil, "go", "build", "-o", bin, "./cmd/layerpack"); err != nil {
		return err
	}
	host, counter, stop, err := serve()
	if err != nil {
		return err
	}
	defer stop()
	base := host + "/prefecthq/prefect:2-python3.11"
	fmt.Fprintln(out, "# a registry at", host, "with a small base", base)
	if err := pushBase(base); err != nil {
		return err
	}
	project := filepath.Join(dir, "etl")
	if err := writeProject(project); err != nil {
		return err
	}
	tag := host + "/team/etl:1"
	env := []string{"XDG_CACHE_HOME=" + filepath.Join(dir, "cache")}
	words := []string{"--base", base, "--wheels", "wheels", "-t", tag}
	for _, title := range []string{"the first run", "the second run: nothing changed"} {
		counter.up.Store(0)
		counter.down.Store(0)
		fmt.Fprintf(out, "\n# %s\n$ cd etl && layerpack %s\n", title, strings.Join(words, " "))
		if err := run(out, project, env, bin, words...); err != nil {
			return err
		}
		fmt.Fprintf(out, "# the registry took in %d bytes of blobs and gave out %d\n", counter.up.Load(), counter.down.Load())
	}
	if n := counter.up.Load(); n != 0 {
		return fmt.Errorf("the second run sent %d bytes of blobs; it should send none", n)
	}
	fmt.Fprintln(out, "\n# what the image has beside the base")
	return show(out, tag, base)
}

func run(out io.Writer, dir string, env []string, command string, args ...string) error {
	cmd := exec.Command(command, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	cmd.Env = append(os.Environ(), env...)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	return nil
}

// traffic counts the bytes of blobs that pass, in each direction.
type traffic struct {
	next     http.Handler
	up, down atomic.Int64
}

func (t *traffic) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.Path, "/blobs/") {
		r.Body = &countedBody{r.Body, &t.up}
		w = &countedWriter{w, &t.down}
	}
	t.next.ServeHTTP(w, r)
}

type countedBody struct {
	io.ReadCloser
	n *atomic.Int64
}

func (c *countedBody) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n.Add(int64(n))
	return n, err
}

type countedWriter struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c *countedWriter) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.n.Add(int64(n))
	return n, err
}

func serve() (host string, t *traffic, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, nil, err
	}
	t = &traffic{next: registry.New(registry.Logger(log.New(io.Discard, "", 0)))}
	server := &http.Server{Handler: t}
	go func() { _ = server.Serve(l) }() // ends with the program
	return l.Addr().String(), t, func() { _ = server.Close() }, nil
}

func pushBase(ref string) error {
	index, err := fakebase.Index()
	if err != nil {
		return err
	}
	tag, err := name.NewTag(ref)
	if err != nil {
		return err
	}
	return remote.WriteIndex(tag, index)
}

func writeProject(dir string) error {
	wheels := []fakewheel.Wheel{
		{
			Name: "greeting", Version: "1.0.0",
			Files:   map[string]string{"greeting/__init__.py": "def main():\n    print('Hello from a wheel')\n"},
			Scripts: map[string]string{"greet": "greeting:main"},
		},
		// The small base has no Prefect, which the flow imports: a build looks.
		{
			Name: "prefect", Version: "2.20.26",
			Files:   map[string]string{"prefect/__init__.py": "def flow(**options):\n    return lambda function: function\n"},
			Scripts: map[string]string{"prefect": "prefect:flow"},
		},
	}
	files := map[string]string{
		"flows.py":              "from prefect import flow\n\nfrom etl_steps.load import load\n\n\n@flow(log_prints=True)\ndef etl():\n    print(load())\n",
		"etl_steps/__init__.py": "",
		"etl_steps/load.py":     "def load():\n    return 'loaded'\n",
		".env":                  "TOKEN=this stays at home\n",
		".git/config":           "[core]\n",
	}
	for _, wheel := range wheels {
		bytes, err := wheel.Bytes()
		if err != nil {
			return err
		}
		files["wheels/"+wheel.Filename()] = string(bytes)
	}
	for path, text := range files {
		full := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// show lists the layers that the image has and the base has not.
func show(out io.Writer, ref, base string) error {
	tag, err := name.NewTag(ref)
	if err != nil {
		return err
	}
	img, err := remote.Image(tag)
	if err != nil {
		return err
	}
	baseTag, err := name.NewTag(base)
	if err != nil {
		return err
	}
	baseImage, err := remote.Image(baseTag)
	if err != nil {
		return err
	}
	below, err := baseImage.Layers()
	if err != nil {
		return err
	}
	layers, err := img.Layers()
	if err != nil {
		return err
	}
	for _, l := range layers[len(below):] {
		digest, err := l.Digest()
		if err != nil {
			return err
		}
		fmt.Fprintln(out, digest)
		r, err := l.Uncompressed()
		if err != nil {
			return err
		}
		if err := errors.Join(listing(out, r), r.Close()); err != nil {
			return err
		}
	}
	return nil
}

func listing(out io.Writer, r io.Reader) error {
	for t := tar.NewReader(r); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  %s %6d %s\n", h.FileInfo().Mode(), h.Size, h.Name)
	}
}
