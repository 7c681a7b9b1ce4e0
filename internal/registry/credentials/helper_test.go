package credentials

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

const says = `server=$(cat)
echo "$1 $server" >> "$LOG"
case "$server" in
https://index.docker.io/v1/) echo '{"ServerURL":"x","Username":"hub","Secret":"pw"}';;
r.example) echo '{"Username":"me","Secret":"helped"}';;
token.example) echo '{"Username":"<token>","Secret":"T"}';;
r.example/a) echo '{"Username":"part","Secret":"helped"}';;
*) echo "credentials not found in native keychain"; exit 1;;
esac`

func TestHelpers(t *testing.T) {
	for _, tt := range []struct {
		what, file, ask, want string
		asked                 string
	}{
		{"store", `{"credsStore":"says"}`, "r.example", "me:helped", "get r.example"},
		{"store, docker hub", `{"credsStore":"says"}`, "docker.io", "hub:pw", "get https://index.docker.io/v1/"},
		{"store, docker hub by podman's name", `{"credsStore":"says","auths":{"docker.io":{}}}`, "docker.io", "hub:pw", "get https://index.docker.io/v1/"},
		{"store, identity token", `{"credsStore":"says"}`, "token.example", "identity T", "get token.example"},
		{"store without it", `{"credsStore":"says"}`, "other.example", "nothing", "get other.example"},
		{"helper", `{"credHelpers":{"r.example":"says"}}`, "r.example", "me:helped", "get r.example"},
		{"helper of another host", `{"credHelpers":{"r.example":"says"}}`, "token.example", "nothing", ""},
		{"helper before store", `{"credHelpers":{"r.example":"says"},"credsStore":"none"}`, "r.example", "me:helped", "get r.example"},
		{"entry before store", `{"credsStore":"says","auths":{"r.example":` + auth1 + `}}`, "r.example", "me:one", ""},
		{"stub and store", `{"credsStore":"says","auths":{"r.example":{}}}`, "r.example", "me:helped", "get r.example"},
		{"part in store", `{"credsStore":"says","auths":{"r.example/a":{}}}`, "r.example/a/b", "part:helped", "get r.example/a"},
		{"part unknown to the store", `{"credsStore":"says","auths":{"r.example/c":{}}}`, "r.example/c", "me:helped", "get r.example/c, get r.example"},
	} {
		h := newHome(t, map[string]string{".docker/config.json": tt.file, "log": ""})
		t.Setenv("LOG", h.dir+"/log")
		h.helper(t, "says", says)
		if got, err := resolve(t, New(h.options()), tt.ask); got != tt.want || err != nil {
			t.Errorf("%s: %s, %v", tt.what, got, err)
		}
		if asked := strings.ReplaceAll(strings.TrimSpace(h.read(t, "log")), "\n", ", "); asked != tt.asked {
			t.Errorf("%s: asked %q", tt.what, asked)
		}
	}
}

func TestHelpersThatFail(t *testing.T) {
	for _, tt := range []struct{ what, name, script, says string }{
		{"not there", "missing", "", "executable file not found"},
		{"fails", "bad", "echo 'cannot unlock'; exit 3", `exit status 3, it says "cannot unlock"`},
		{"fails and talks", "bad", `echo '{"Username":"me","Secret":"CANARY"}'; exit 3`, "exit status 3"},
		{"talks nonsense", "bad", "echo CANARY", "invalid character"},
		{"hangs", "bad", "exec sleep 1", "no answer within 100ms"},
		{"a path", "../bin/docker-credential-bad", "exit 0", "is a path"},
	} {
		h := newHome(t, map[string]string{".docker/config.json": `{"credsStore":"` + tt.name + `"}`})
		h.helper(t, "bad", tt.script)
		o := h.options()
		if o.HelperTimeout = 0; tt.what == "hangs" {
			o.HelperTimeout = 100 * time.Millisecond
		}
		_, err := resolve(t, New(o), "r.example")
		var failed *HelperError
		if !errors.As(err, &failed) {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		for _, part := range []string{"docker-credential-" + tt.name, tt.says, "config.json", "r.example"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not stand in: %v", tt.what, part, err)
			}
		}
		if strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: leaks: %v", tt.what, err)
		}
	}
}

func TestHelperIsCancelled(t *testing.T) {
	h := newHome(t, map[string]string{".docker/config.json": `{"credsStore":"slow"}`})
	h.helper(t, "slow", "exec sleep 1")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := New(h.options()).ResolveContext(ctx, resource(t, "r.example")); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
