package credentials

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
)

// maxFile is the largest auth file that is read, in bytes.
const maxFile = 4 << 20

// paths are the auth files of a user, in the order in which they count: what variables name, docker's,
// podman's (containers-auth.json(5)).
func paths(getenv func(string) string) []string {
	if getenv == nil {
		return nil
	}
	var out []string
	add := func(dir string, rest ...string) {
		if dir != "" {
			out = append(out, filepath.Join(append([]string{dir}, rest...)...))
		}
	}
	home := getenv("HOME")
	add(getenv("REGISTRY_AUTH_FILE"))
	if dir := dockerDir(getenv); dir != "" {
		add(dir, "config.json")
	}
	add(getenv("XDG_RUNTIME_DIR"), "containers", "auth.json")
	if dir := getenv("XDG_CONFIG_HOME"); dir != "" {
		add(dir, "containers", "auth.json")
	} else {
		add(home, ".config", "containers", "auth.json")
	}
	return out
}

// dockerDir is the folder of docker's configuration.
func dockerDir(getenv func(string) string) string {
	if dir := getenv("DOCKER_CONFIG"); dir != "" {
		return dir
	}
	if home := getenv("HOME"); home != "" {
		return filepath.Join(home, ".docker")
	}
	return ""
}

// file is what an auth file says.
type file struct {
	path    string
	auths   map[string]auth   // by canonical key
	helpers map[string]string // by canonical key
	store   string            // the helper for all others
}

// auth is an entry. One without content stands for what a helper keeps.
type auth struct {
	Username      string `json:"username"`
	Password      string `json:"password"`
	Auth          string `json:"auth"` // base64 of user:password
	IdentityToken string `json:"identitytoken"`
	RegistryToken string `json:"registrytoken"`

	key string // as it is written
}

func readFiles(paths []string) ([]*file, error) {
	var out []*file
	for _, p := range paths {
		text, err := readFile(p)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("credentials: %w", err)
		}
		f, err := parse(p, text)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
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

// parse reads docker's config.json or podman's auth.json. Entries are not decoded: a broken one is no
// matter to others.
func parse(path string, text []byte) (*file, error) {
	var doc struct {
		Auths       map[string]json.RawMessage `json:"auths"`
		CredsStore  string                     `json:"credsStore"`
		CredHelpers map[string]string          `json:"credHelpers"`
	}
	f := &file{path: path, auths: map[string]auth{}, helpers: map[string]string{}}
	if len(strings.TrimSpace(string(text))) == 0 {
		return f, nil // podman makes empty ones
	}
	// The decoder's error could quote a secret.
	if json.Unmarshal(text, &doc) != nil {
		return nil, fmt.Errorf("credentials: %s: it is not the JSON that docker and podman write; mend it or move it away", path)
	}
	f.store = doc.CredsStore
	for _, key := range sorted(doc.Auths) {
		a := auth{}
		if json.Unmarshal(doc.Auths[key], &a) != nil {
			return nil, fmt.Errorf("credentials: %s: the entry %q is not an object of strings; mend it or log in again", path, key)
		}
		a.key = key
		if old, ok := f.auths[canonical(key)]; !ok || old.empty() {
			f.auths[canonical(key)] = a
		}
	}
	for _, key := range sorted(doc.CredHelpers) {
		if helper := doc.CredHelpers[key]; helper != "" {
			f.helpers[canonical(key)] = helper
		}
	}
	return f, nil
}

func sorted[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (a auth) empty() bool {
	a.key = ""
	return a == auth{}
}

func (f *file) has(key string) bool {
	_, entry := f.auths[key]
	_, helper := f.helpers[key]
	return entry || helper
}

// find looks keys up in their order: a key's helper, its entry, the store. The zero value is nothing.
func (f *file) find(ctx context.Context, keys []string, timeout time.Duration) (authn.AuthConfig, error) {
	for i, key := range keys {
		if helper, ok := f.helpers[key]; ok {
			found, err := f.ask(ctx, helper, written(key), timeout)
			if err != nil || found != (authn.AuthConfig{}) {
				return found, err
			}
		}
		entry, ok := f.auths[key]
		if ok && !entry.empty() {
			return entry.decode(f.path)
		}
		// The store is asked for what it is known to keep, and for the registry as docker asks.
		if f.store == "" || !ok && i < len(keys)-1 {
			continue
		}
		server := entry.key
		if !ok || key == hub {
			server = written(key)
		}
		found, err := f.ask(ctx, f.store, server, timeout)
		if err != nil || found != (authn.AuthConfig{}) {
			return found, err
		}
	}
	return authn.AuthConfig{}, nil
}

func (a auth) decode(path string) (authn.AuthConfig, error) {
	out := authn.AuthConfig{Username: a.Username, Password: a.Password, IdentityToken: a.IdentityToken, RegistryToken: a.RegistryToken}
	if a.Auth == "" {
		return out, nil
	}
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(a.Auth))
	user, password, ok := strings.Cut(string(text), ":")
	if err != nil || !ok || user == "" {
		return authn.AuthConfig{}, fmt.Errorf("credentials: %s: auth of the entry %q is not the base64 of user:password; log in again", path, a.key)
	}
	out.Username, out.Password = user, strings.Trim(password, "\x00")
	return out, nil
}
