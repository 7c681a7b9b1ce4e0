package credentials

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/docker/docker-credential-helpers/client"
	helpers "github.com/docker/docker-credential-helpers/credentials"
	"github.com/google/go-containerregistry/pkg/authn"
)

// HelperError is a credential helper that does not do its work.
type HelperError struct {
	Program string // docker-credential-...
	Action  string // get, store or erase
	File    string // that names the helper
	Server  string
	Err     error
}

func (e *HelperError) Error() string {
	return fmt.Sprintf("credential helper %s, named by %s: %s of the credentials of %s: %v; try it with 'echo %s | %s get', "+
		"or take the helper out of the file and log in again", e.Program, e.File, e.Action, e.Server, e.Err, e.Server, e.Program)
}

// Unwrap returns the error underneath.
func (e *HelperError) Unwrap() error { return e.Err }

// identityUser is the user name with which helpers say that the secret is an identity token.
const identityUser = "<token>"

// ask gets credentials from a helper; the zero value is that it has none.
func (f *file) ask(ctx context.Context, helper, server string, timeout time.Duration) (authn.AuthConfig, error) {
	got, err := run(ctx, call{helper: helper, action: helpers.ActionGet, file: f.path, server: server, timeout: timeout},
		func(program client.ProgramFunc) (*helpers.Credentials, error) { return client.Get(program, server) })
	switch {
	case helpers.IsErrCredentialsNotFound(err):
		return authn.AuthConfig{}, nil
	case err != nil:
		return authn.AuthConfig{}, err
	case got.Username == identityUser:
		return authn.AuthConfig{IdentityToken: got.Secret}, nil
	}
	return authn.AuthConfig{Username: got.Username, Password: got.Secret}, nil
}

// call is one use of a helper.
type call struct {
	helper, action, file, server string
	timeout                      time.Duration
}

// run waits for a helper as long as it may take. One that hangs is left behind: it ends when its
// own business does.
func run[T any](ctx context.Context, c call, do func(client.ProgramFunc) (T, error)) (out T, err error) {
	program := "docker-credential-" + c.helper
	failed := func(err error) (T, error) {
		return out, &HelperError{Program: program, Action: c.action, File: c.file, Server: c.server, Err: err}
	}
	if strings.ContainsAny(c.helper, `/\`) {
		return failed(errors.New("its name is a path; it must be a program in PATH"))
	}
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		value, err := do(client.NewShellProgramFunc(program))
		done <- answer{value, err}
	}()
	timer := time.NewTimer(c.timeout)
	defer timer.Stop()
	select {
	case a := <-done:
		if a.err != nil && !helpers.IsErrCredentialsNotFound(a.err) {
			return failed(readable(a.err))
		}
		return a.value, a.err
	case <-ctx.Done():
		return out, ctx.Err()
	case <-timer.C:
		return failed(fmt.Errorf("no answer within %s", c.timeout))
	}
}

// readable is an error of the helper's library without what the helper printed, where that may hold
// the secret itself.
func readable(err error) error {
	text, out, _ := strings.Cut(strings.TrimPrefix(err.Error(), "error getting credentials - err: "), ", out: ")
	if out = strings.Trim(out, "` \n"); out == "" || strings.Contains(out, "{") || strings.Contains(strings.ToLower(out), "secret") {
		return errors.New(text)
	}
	return fmt.Errorf("%s, it says %q", text, out)
}
