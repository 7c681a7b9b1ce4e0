// Package hostconfig reads what the user has set for registries on this machine: the user's own configuration file, and
// the certificate folders that docker and podman share.
//
// It guarantees that a key which it does not know is an error, and that a file which the user names is read or
// reported. A project's files are never looked at: a stranger writes those.
//
// Most callers want [Path], [Read] and then the methods of [Config], which are made to be handed to the
// transport and the registry client.
package hostconfig

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// maxFile is the largest file that is read, in bytes.
const maxFile = 1 << 20

// maxConnections is the largest max-connections.
const maxConnections = 100

// Config is the user's configuration. The zero value sets nothing.
type Config struct {
	// CertDirs are folders of folders named like hosts, with *.crt, *.cert and *.key in them
	// (docker-certs.d, containers-certs.d(5)).
	CertDirs []string

	connections int
	registries  map[string]registry // by canonical name
}

// registry is what is set for one.
type registry struct {
	Mirrors        []string `toml:"mirrors"`
	PlainHTTP      bool     `toml:"plain-http"`
	CA             string   `toml:"ca"`
	Cert           string   `toml:"cert"`
	Key            string   `toml:"key"`
	MaxConnections *int     `toml:"max-connections"`
}

// Path is where the user's file is: layerpack/config.toml below XDG_CONFIG_HOME, by default ~/.config; ""
// without a home.
func Path(getenv func(string) string) string {
	if dir := getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "layerpack", "config.toml")
	}
	if home := getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".config", "layerpack", "config.toml")
	}
	return ""
}

// Read reads the file at path. A file that is not there sets nothing.
func Read(path string) (*Config, error) {
	if path == "" {
		return &Config{}, nil
	}
	text, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Config{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return Parse(path, text)
}

// Parse reads a configuration; path is for messages, and paths in the text are relative to its folder.
func Parse(path string, text []byte) (*Config, error) {
	var doc struct {
		MaxConnections *int                `toml:"max-connections"`
		Registry       map[string]registry `toml:"registry"`
	}
	dec := toml.NewDecoder(strings.NewReader(string(text))).DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		return nil, explain(path, err)
	}
	c := &Config{registries: map[string]registry{}}
	var err error
	if c.connections, err = connections(doc.MaxConnections); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for name, r := range doc.Registry {
		if err := r.check(name); err != nil {
			return nil, fmt.Errorf("%s: registry %q: %w", path, name, err)
		}
		if _, twice := c.registries[canonical(name)]; twice {
			return nil, fmt.Errorf("%s: registry %q: it is there by another name, too; keep one of them", path, name)
		}
		for _, file := range []*string{&r.CA, &r.Cert, &r.Key} {
			if *file != "" && !filepath.IsAbs(*file) {
				*file = filepath.Join(filepath.Dir(path), *file)
			}
		}
		c.registries[canonical(name)] = r
	}
	return c, nil
}

// explain says where a file is wrong.
func explain(path string, err error) error {
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(unknown.Errors) > 0 {
		row, _ := unknown.Errors[0].Position()
		return fmt.Errorf("%s:%d: the key %s is not known; there are max-connections, and in [registry.\"HOST\"] mirrors, plain-http, ca, cert, key and max-connections",
			path, row, strings.Join(unknown.Errors[0].Key(), "."))
	}
	if wrong, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, _ := wrong.Position()
		return fmt.Errorf("%s:%d: %s", path, row, strings.TrimPrefix(wrong.Error(), "toml: "))
	}
	return fmt.Errorf("%s: %w", path, err)
}

var (
	host       = regexp.MustCompile(`^([A-Za-z0-9_]+((\.|-+)[A-Za-z0-9_]+)*|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)
	repository = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+|/)[a-z0-9]+)*$`)
)

func (r registry) check(name string) error {
	if !host.MatchString(name) {
		return errors.New("write HOST or HOST:PORT, without a scheme or a path")
	}
	for _, m := range r.Mirrors {
		at, path, deep := strings.Cut(strings.TrimSuffix(m, "/"), "/")
		if !host.MatchString(at) || deep && !repository.MatchString(path) {
			return fmt.Errorf("mirror %q: write HOST[:PORT][/PATH], without a scheme; one that speaks plain http gets a [registry.\"HOST\"] of its own", m)
		}
	}
	if (r.Cert == "") != (r.Key == "") {
		return errors.New("cert and key are there together or not at all")
	}
	_, err := connections(r.MaxConnections)
	return err
}

func connections(n *int) (int, error) {
	switch {
	case n == nil:
		return 0, nil
	case *n < 1 || *n > maxConnections:
		return 0, fmt.Errorf("max-connections = %d: write 1 to %d", *n, maxConnections)
	}
	return *n, nil
}

// canonical is a host as the file knows it: all names of Docker Hub are docker.io.
func canonical(host string) string {
	host = strings.ToLower(host)
	switch host {
	case "index.docker.io", "registry-1.docker.io":
		return "docker.io"
	}
	return host
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s: larger than %d bytes", path, maxFile)
	}
	return text, err
}
