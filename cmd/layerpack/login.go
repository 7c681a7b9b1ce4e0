package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/internal/registry/credentials"
	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/internal/transport"
)

// loginFlags are the words of login.
type loginFlags struct {
	user      string
	stdin     bool
	plainHTTP []string
	caFile    string
}

func (f *loginFlags) register(set *pflag.FlagSet) {
	set.StringVarP(&f.user, "username", "u", "", "`USER` to log in as")
	set.BoolVar(&f.stdin, "password-stdin", false, "read the password, or a token in its place, from stdin")
	set.StringArrayVar(&f.plainHTTP, "plain-http", nil, "registry `HOST` to speak to without TLS; those on loopback need no word")
	set.StringVar(&f.caFile, "ca-file", "", "`FILE` of PEM certificates to trust besides the system's")
}

// login checks credentials and keeps them.
func (c *command) login(ctx context.Context, args []string) error {
	f := &loginFlags{}
	set := pflag.NewFlagSet("login", pflag.ContinueOnError)
	f.register(set)
	reg, err := c.parseWithRegistry(set, args)
	if err != nil {
		return err
	}
	if f.user == "" {
		return usagef("say who logs in: layerpack login %s -u USER --password-stdin", reg)
	}
	password, err := c.readPassword(f, reg)
	if err != nil {
		return err
	}
	given := &credentials.Given{Registry: reg, Username: f.user, Password: password}
	client, err := c.loginClient(f, credentials.New(credentials.Options{Given: given}))
	if err != nil {
		return err
	}
	checked, err := client.Check(ctx, reg)
	if err != nil {
		return fmt.Errorf("nothing was kept: %w", err)
	}
	where, err := credentials.Save(ctx, credentials.Options{Getenv: c.getenv}, reg, f.user, password)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stderr, "logged in to %s as %s; kept in %s\n", reg, f.user, where)
	if !checked {
		fmt.Fprintf(c.stderr, "note: %s asks nobody for credentials at its door, so whether these are right will be seen when they are needed\n", reg)
	}
	if first := c.env["REGISTRY_AUTH_FILE"]; first != "" {
		fmt.Fprintf(c.stderr, "note: REGISTRY_AUTH_FILE is set, and what %s has for %s goes before this\n", first, reg)
	}
	return nil
}

// logout forgets credentials.
func (c *command) logout(ctx context.Context, args []string) error {
	reg, err := c.parseWithRegistry(pflag.NewFlagSet("logout", pflag.ContinueOnError), args)
	if err != nil {
		return err
	}
	found, err := credentials.Remove(ctx, credentials.Options{Getenv: c.getenv}, reg)
	if err != nil {
		return err
	}
	if !found {
		fmt.Fprintf(c.stderr, "there are no credentials for %s in docker's configuration\n", reg)
		return nil
	}
	fmt.Fprintf(c.stderr, "the credentials for %s are forgotten\n", reg)
	return nil
}

// maxPassword bounds a password or token, in bytes; tokens of several kilobytes are usual.
const maxPassword = 64 << 10

func (c *command) readPassword(f *loginFlags, reg name.Registry) (string, error) {
	how := fmt.Sprintf(`printf %%s "$TOKEN" | layerpack login %s -u %s --password-stdin`, reg, f.user)
	if !f.stdin {
		return "", usagef("the password is read from stdin, where no list of processes and no history shows it: %s", how)
	}
	if file, ok := c.stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return "", usagef("--password-stdin: stdin is a terminal, which would show the password; pipe it in: %s", how)
	}
	text, err := io.ReadAll(io.LimitReader(c.stdin, maxPassword+1))
	if err != nil {
		return "", fmt.Errorf("reading the password from stdin: %w", err)
	}
	password := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	switch {
	case password == "":
		return "", usagef("--password-stdin: stdin is empty; pipe the password in: %s", how)
	case len(text) > maxPassword, strings.ContainsAny(password, "\r\n\x00"):
		return "", usagef("--password-stdin: stdin holds more than one line; pipe the password alone in: %s", how)
	}
	return password, nil
}

// loginClient speaks to a registry as a run would.
func (c *command) loginClient(f *loginFlags, keys authn.Keychain) (*registry.Client, error) {
	config, err := c.hostConfig()
	if err != nil {
		return nil, err
	}
	hosts := slices.Concat(f.plainHTTP, config.PlainHTTP())
	plain := func(host string) bool { return slices.Contains(hosts, host) }
	o := transport.Options{Version: versionText(), Getenv: c.getenv, PlainHTTP: plain, HostTLS: config.HostTLS}
	if f.caFile != "" {
		if o.CA, err = source.ReadFile(f.caFile, maxCA); err != nil {
			return nil, err
		}
	}
	http, err := transport.New(o)
	if err != nil {
		return nil, err
	}
	return registry.New(registry.Options{Transport: http, Keychain: keys, PlainHTTP: plain}), nil
}

// parseWithRegistry reads a verb's words, one of which, wherever it stands, is the registry.
func (c *command) parseWithRegistry(set *pflag.FlagSet, args []string) (name.Registry, error) {
	var flags, words []string
	scan := pflag.NewFlagSet(set.Name(), pflag.ContinueOnError)
	scan.AddFlagSet(set)
	scan.SetOutput(io.Discard)
	scan.Usage = func() {}
	err := scan.ParseAll(args, func(f *pflag.Flag, value string) error {
		flags = append(flags, "--"+f.Name+"="+value)
		return nil
	})
	if words = scan.Args(); err != nil {
		flags, words = args, nil // what is wrong with them is said below
	}
	if err := c.parse(set, flags); err != nil {
		return name.Registry{}, err
	}
	if len(words) != 1 {
		return name.Registry{}, usagef("layerpack %s takes one registry; write: layerpack %[1]s REGISTRY (layerpack %[1]s --help)", set.Name())
	}
	host := strings.TrimSuffix(words[0], "/")
	reg, err := name.NewRegistry(host)
	if err != nil || host == "" || strings.Contains(host, "/") {
		return name.Registry{}, usagef("%q is no registry; write HOST or HOST:PORT, without a scheme or a path", words[0])
	}
	return reg, nil
}
