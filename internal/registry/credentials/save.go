package credentials

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/docker/docker-credential-helpers/client"
	helpers "github.com/docker/docker-credential-helpers/credentials"
	"github.com/google/go-containerregistry/pkg/name"
)

// Save keeps a user and password for a registry where docker would: with the helper that docker's
// configuration names for it, else in config.json itself, which is replaced in one step, readable by its owner
// alone. What else the file holds stays. It returns where they are now, in words.
func Save(ctx context.Context, o Options, reg name.Registry, username, password string) (where string, err error) {
	c, err := openConfig(o)
	if err != nil {
		return "", err
	}
	key := canonical(reg.RegistryStr())
	server := written(key)
	entry := map[string]string{}
	if helper := c.helper(key); helper != "" {
		credential := &helpers.Credentials{ServerURL: server, Username: username, Secret: password}
		_, err := run(ctx, c.call(helper, helpers.ActionStore, server, o), func(p client.ProgramFunc) (struct{}, error) {
			return struct{}{}, client.Store(p, credential)
		})
		if err != nil {
			return "", err
		}
		where = "credential helper docker-credential-" + helper
	} else {
		entry["auth"] = base64.StdEncoding.EncodeToString([]byte(username + ":" + password))
		where = c.path
	}
	c.drop(key)
	if c.auths[server], err = json.Marshal(entry); err != nil {
		return "", err
	}
	return where, c.write()
}

// Remove forgets what [Save], or docker, has kept for a registry. It reports whether there was anything.
func Remove(ctx context.Context, o Options, reg name.Registry) (bool, error) {
	c, err := openConfig(o)
	if err != nil {
		return false, err
	}
	key := canonical(reg.RegistryStr())
	found := c.drop(key)
	if helper := c.helper(key); helper != "" {
		server := written(key)
		_, err := run(ctx, c.call(helper, helpers.ActionErase, server, o), func(p client.ProgramFunc) (struct{}, error) {
			return struct{}{}, client.Erase(p, server)
		})
		if err != nil && !helpers.IsErrCredentialsNotFound(err) {
			return found, err
		}
		found = found || err == nil
	}
	if !found {
		return false, nil
	}
	return true, c.write()
}

// config is docker's config.json, with everything in it that is not ours.
type config struct {
	path   string
	all    map[string]json.RawMessage
	auths  map[string]json.RawMessage
	parsed *file
}

func openConfig(o Options) (*config, error) {
	if o.Getenv == nil || dockerDir(o.Getenv) == "" {
		return nil, errors.New("there is no place for credentials: neither DOCKER_CONFIG nor HOME is set")
	}
	c := &config{path: filepath.Join(dockerDir(o.Getenv), "config.json")}
	// Where the file is a link, what it leads to is replaced, not the link.
	if target, err := filepath.EvalSymlinks(c.path); err == nil {
		c.path = target
	}
	text, err := readFile(c.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	if c.parsed, err = parse(c.path, text); err != nil {
		return nil, err
	}
	c.all, c.auths = map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if len(strings.TrimSpace(string(text))) == 0 {
		return c, nil
	}
	var auths struct {
		Auths map[string]json.RawMessage `json:"auths"`
	}
	if json.Unmarshal(text, &c.all) != nil || json.Unmarshal(text, &auths) != nil || c.all == nil {
		return nil, fmt.Errorf("credentials: %s: it is not a JSON object; mend it or move it away", c.path)
	}
	if auths.Auths != nil {
		c.auths = auths.Auths
	}
	return c, nil
}

func (c *config) helper(key string) string {
	if h := c.parsed.helpers[key]; h != "" {
		return h
	}
	return c.parsed.store
}

func (c *config) call(helper, action, server string, o Options) call {
	timeout := o.HelperTimeout
	if timeout <= 0 {
		timeout = DefaultHelperTimeout
	}
	return call{helper: helper, action: action, file: c.path, server: server, timeout: timeout}
}

// drop removes every entry of a registry, however its name is written.
func (c *config) drop(key string) (found bool) {
	for _, k := range sorted(c.auths) {
		if canonical(k) == key {
			delete(c.auths, k)
			found = true
		}
	}
	return found
}

func (c *config) write() error {
	auths, err := json.Marshal(c.auths)
	if err != nil {
		return err
	}
	c.all["auths"] = auths
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	if err := enc.Encode(c.all); err != nil {
		return err
	}
	if err := replace(c.path, text.Bytes()); err != nil {
		return fmt.Errorf("writing credentials: %w", err)
	}
	return nil
}

// replace writes a file that only its owner may read, all of it or nothing.
func replace(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".config.json-*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
