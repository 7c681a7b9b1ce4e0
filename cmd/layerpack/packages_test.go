package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/pflag"

	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/pkg/assemble"
)

// packageCommand is a command with an environment, in a folder of its own; files are written below it.
func packageCommand(t *testing.T, env, files map[string]string) (c *command, dir string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c = &command{env: map[string]string{"HOME": filepath.Join(dir, "home")}, stdout: io.Discard, stderr: io.Discard}
	for k, v := range env {
		c.env[k] = strings.ReplaceAll(v, "DIR", dir)
	}
	return c, dir
}

// mergePackages parses args and merges them with configuration files, none where that is nil.
func mergePackages(c *command, args, files []string) (spec.Packages, assemble.PackageHost, error) {
	f := &packageFlags{}
	set := pflag.NewFlagSet("build", pflag.ContinueOnError)
	set.StringArray("wheels", nil, "")
	set.Bool("no-source", false, "")
	f.register(set)
	if err := c.parse(set, args); err != nil {
		return spec.Packages{}, assemble.PackageHost{}, err
	}
	return f.merge(c, set, files)
}

func TestPackageWords(t *testing.T) {
	every := []string{
		"-r", "a.txt", "--requirement", "uv.lock", "--pip", "x y", "--pip=z", "-c", "c.txt", "--override", "o.txt", "--group", "g", "--extra", "e",
		"-i", "https://u:p@i/s", "--extra-index-url", "http://e1", "--extra-index-url", "file:///e2", "-f", "w/../v", "-f", "https://l/p.html", "--find-links=~/w",
		"--trusted-host", "h", "--trusted-host", "[::1]:8080", "--exclude-newer", "2026-01-31", "--refresh", "--pre", "--require-hashes", "-U", "--no-index",
	}
	day := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	conf := map[string]string{"one.conf": "[global]\nindex-url = https://c/1\nextra-index-url = https://c/2\n  https://c/3\nfind-links = DIR/home ~/w /not/there https://c/l\n" +
		"trusted-host = https://odd\nconstraint = cc.txt\nno-index = yes\npre = 1\nrequire-hashes = on\nuploaded-prior-to = 2026-02-01\n"}
	for name, tt := range map[string]struct {
		env  map[string]string
		args []string
		conf bool
		want spec.Packages
	}{
		"nothing": {},
		"flags": {args: every, want: spec.Packages{
			Files: []string{"a.txt", "uv.lock"}, Words: []string{"x y", "z"}, Constraints: []string{"c.txt"}, Overrides: []string{"o.txt"}, Groups: []string{"g"}, Extras: []string{"e"},
			IndexURL: "https://u:p@i/s", ExtraIndexURLs: []string{"http://e1", "file:///e2"}, FindLinks: []string{"DIR/v", "https://l/p.html", "DIR/home/w"},
			TrustedHosts: []string{"h", "[::1]:8080"}, ExcludeNewer: day, Refresh: true, Prereleases: true, RequireHashes: true, Upgrade: true, NoIndex: true,
		}},
		"offline": {args: []string{"--offline"}, want: spec.Packages{Offline: true}},
		"a file": {conf: true, want: spec.Packages{
			IndexURL: "https://c/1", ExtraIndexURLs: []string{"https://c/2", "https://c/3"}, FindLinks: []string{"DIR/home", "DIR/home/w", "https://c/l"},
			TrustedHosts: []string{"https://odd"}, Constraints: []string{"cc.txt"}, NoIndex: true, Prereleases: true, RequireHashes: true, ExcludeNewer: day,
		}},
		"a file and flags": {
			conf: true, args: []string{
				"-i", "https://f/1", "--extra-index-url", "https://f/2", "-f", "w", "--trusted-host", "f", "-c", "f.txt", "--no-index=false", "--pre=false",
				"--require-hashes=false", "--exclude-newer", "2020-01-01T01:00:00+01:00",
			}, want: spec.Packages{
				IndexURL: "https://f/1", ExtraIndexURLs: []string{"https://c/2", "https://c/3", "https://f/2"}, FindLinks: []string{"DIR/home", "DIR/home/w", "https://c/l", "DIR/w"},
				TrustedHosts: []string{"https://odd", "f"}, Constraints: []string{"cc.txt", "f.txt"}, ExcludeNewer: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
			},
		},
		"variables": {
			conf: true, env: map[string]string{
				"PIP_INDEX_URL": "https://v/1", "PIP_EXTRA_INDEX_URL": "https://v/2", "PIP_FIND_LINKS": "home", "PIP_TRUSTED_HOST": "v", "PIP_CONSTRAINT": "v.txt w.txt",
				"PIP_NO_INDEX": "no", "PIP_PRE": "off", "PIP_REQUIRE_HASHES": "0", "PIP_UPLOADED_PRIOR_TO": "2026-02-03T04:05:06",
			},
			args: []string{"-f", "w"},
			want: spec.Packages{
				IndexURL: "https://v/1", ExtraIndexURLs: []string{"https://v/2"}, FindLinks: []string{"DIR/home", "DIR/w"}, TrustedHosts: []string{"v"},
				Constraints: []string{"v.txt", "w.txt"}, ExcludeNewer: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC),
			},
		},
		"wheels alone": {conf: true, env: map[string]string{"PIP_NO_INDEX": "perhaps"}, args: []string{"--wheels", "w"}},
		"no source":    {conf: true, env: map[string]string{"PIP_CERT": "/not/there"}, args: []string{"--no-source"}},
		"wheels and what is asked": {
			env: map[string]string{"PIP_INDEX_URL": "https://v/1"}, args: []string{"--wheels", "w", "--pip", "x"},
			want: spec.Packages{IndexURL: "https://v/1", Words: []string{"x"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, dir := packageCommand(t, tt.env, map[string]string{"home/w/x": ""})
			var files []string
			if tt.conf {
				files = []string{filepath.Join(dir, "one.conf"), filepath.Join(dir, "none.conf")}
				if err := os.WriteFile(files[0], []byte(strings.ReplaceAll(conf["one.conf"], "DIR", dir)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got, host, err := mergePackages(c, tt.args, files)
			if err != nil {
				t.Fatal(err)
			}
			for i, path := range tt.want.FindLinks {
				tt.want.FindLinks[i] = strings.ReplaceAll(path, "DIR", dir)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			if v, ok := host.Variables("HOME"); host.Getenv("HOME") != c.env["HOME"] || v != c.env["HOME"] || !ok {
				t.Error("the environment is not handed on")
			}
		})
	}
}

// Mistakes say which word is wrong and show no password.
func TestPackageMistakes(t *testing.T) {
	for _, tt := range []struct {
		env   map[string]string
		conf  string
		args  []string
		usage bool
		says  string
	}{
		{args: []string{"--offline", "--refresh"}, usage: true, says: "--offline and --refresh"},
		{args: []string{"-i", "pypi.org/simple"}, usage: true, says: `--index-url "pypi.org/simple": no URL; write https://`},
		{args: []string{"-i", ""}, usage: true, says: "--index-url is empty"},
		{args: []string{"-i", "ftp://u:s3cret@h/p"}, usage: true, says: `--index-url "ftp://h/p": neither http, https nor file`},
		{args: []string{"-i", "https://u:s3cret%zz@h/p"}, usage: true, says: "--index-url (an address that is not shown"},
		{args: []string{"-i", "u:s3cret@h/p"}, usage: true, says: "not shown"},
		{args: []string{"-i", "https:///simple"}, usage: true, says: "without a host"},
		{args: []string{"-i", "https://u:s3cret@/simple"}, usage: true, says: "without a host"},
		{args: []string{"--extra-index-url", "https://u:s3cret@a https://u:s3cret@b"}, usage: true, says: "--extra-index-url (an address that is not shown, as it may hold a password): a URL with white space"},
		{args: []string{"--extra-index-url", ""}, usage: true, says: "the address is empty"},
		{args: []string{"--extra-index-url", "https://h/?token=s3cret", "--extra-index-url", "x?s3cret"}, usage: true, says: "not shown"},
		{args: []string{"-f", ""}, usage: true, says: "--find-links"},
		{args: []string{"-f", "file://server/share"}, usage: true, says: `--find-links "file://server/share": names no place on this machine`},
		{args: []string{"-f", "file:share"}, usage: true, says: "write file:///PATH"},
		{args: []string{"-f", "git+https://u:s3cret@h/r"}, usage: true, says: "neither http, https nor file"},
		{args: []string{"--trusted-host", "https://h"}, usage: true, says: `--trusted-host "https://h": write HOST or HOST:PORT`},
		{args: []string{"--trusted-host", "u:s3cret@h"}, usage: true, says: "write HOST"},
		{args: []string{"--trusted-host", "h/p"}, usage: true, says: "write HOST"},
		{args: []string{"--trusted-host", "h:"}, usage: true, says: "write HOST"},
		{args: []string{"--trusted-host", "h:70000"}, usage: true, says: "70000 is no port"},
		{args: []string{"--exclude-newer", "2026-02-30"}, usage: true, says: `--exclude-newer "2026-02-30": write a date`},
		{args: []string{"--exclude-newer", "2026-02-03T04:05:06"}, usage: true, says: "a time with its zone"},
		{args: []string{"--wheels", "w", "-i", "x"}, usage: true, says: "--index-url"}, // checked though not used

		{env: map[string]string{"PIP_INDEX_URL": "u:s3cret@h"}, says: "PIP_INDEX_URL: index-url (an address"},
		{env: map[string]string{"PIP_EXTRA_INDEX_URL": "https://a simple"}, says: `PIP_EXTRA_INDEX_URL: extra-index-url "simple": no URL`},
		{env: map[string]string{"PIP_FIND_LINKS": "svn://u:s3cret@h"}, says: `PIP_FIND_LINKS: find-links "svn://h": neither`},
		{env: map[string]string{"PIP_NO_INDEX": "perhaps"}, says: "PIP_NO_INDEX: no-index"},
		{env: map[string]string{"PIP_PRE": "perhaps"}, says: `PIP_PRE: pre: "perhaps" is neither true nor false`},
		{env: map[string]string{"PIP_UPLOADED_PRIOR_TO": "now"}, says: `PIP_UPLOADED_PRIOR_TO: uploaded-prior-to: "now" is neither`},
		{env: map[string]string{"PIP_PROXY": "ftp://u:s3cret@h"}, says: "PIP_PROXY: proxy: no proxy's URL"},
		{env: map[string]string{"PIP_PROXY": "http://u:s3cret%@h"}, says: "PIP_PROXY: proxy: no proxy's URL"},
		{env: map[string]string{"PIP_CERT": "/not/there"}, says: "PIP_CERT: /not/there: cannot be found"},
		{env: map[string]string{"REQUESTS_CA_BUNDLE": "DIR/pip.conf"}, conf: "#", says: "pip.conf: there is no PEM certificate in it"},
		{env: map[string]string{"CURL_CA_BUNDLE": "DIR"}, says: "openssl rehash"},
		{env: map[string]string{"PIP_CLIENT_CERT": "DIR/pip.conf"}, conf: "#", says: "pip.conf: it must hold a certificate and its key"},
		{conf: "[global]\nindex-url = https://u:s3cret@h\nindex-url = https://u:s3cret@h\n", says: "/pip.conf: pip's configuration, line 3: the option"},
		{conf: "[global]\n\ncert = \xff\n", says: "/pip.conf: pip's configuration, line 3: bytes that are not UTF-8; mend it, or set PIP_CONFIG_FILE=/dev/null"},
		{conf: "[install]\nno_index = s3cret-perhaps\n", says: "/pip.conf: no-index"},
		{conf: "[global]\n#" + strings.Repeat("x", maxPipConf), says: "larger than"},
	} {
		c, dir := packageCommand(t, tt.env, map[string]string{"pip.conf": tt.conf})
		_, host, err := mergePackages(c, tt.args, []string{filepath.Join(dir, "pip.conf")})
		var usage *assemble.UsageError
		switch {
		case err == nil:
			t.Errorf("%v %v %.40q: no error", tt.env, tt.args, tt.conf)
		case errors.As(err, &usage) != tt.usage || !strings.Contains(err.Error(), tt.says) || tt.conf == "" && strings.Contains(err.Error(), "s3cret"):
			t.Errorf("%v %v: %v", tt.env, tt.args, err)
		case host.Getenv != nil:
			t.Errorf("%v: half a result beside the error", err)
		}
	}
}

func TestExcludeNewer(t *testing.T) {
	for text, want := range map[string]string{
		"2026-01-31": "2026-02-01T00:00:00Z", "2024-02-28": "2024-02-29T00:00:00Z", "2025-12-31": "2026-01-01T00:00:00Z",
		"2026-01-31T12:00:00Z": "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.25+02:00": "2026-01-31T10:00:00.25Z",
		"": "", "31.01.2026": "", "2026-1-31": "", "7 days": "", "P7D": "", "2026-01-31T12:00Z": "",
	} {
		got, err := lastDay(text)
		if (err != nil) != (want == "") || err == nil && got.Format(time.RFC3339Nano) != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestUploadedPriorTo(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	for text, want := range map[string]string{
		"P0D": "2026-03-01T11:00:00Z", "P1D": "2026-02-28T11:00:00Z", "P366D": "2025-02-28T11:00:00Z",
		"2026-01-31": "2026-01-31T00:00:00Z", "2026-01-31 12:30": "2026-01-31T12:30:00Z", "2026-01-31T12:30:01": "2026-01-31T12:30:01Z", "2026-01-31T12:30:01-01:00": "2026-01-31T13:30:01Z",
		"P-1D": "", "P1W": "", "PD": "", "P99999999D": "", "P1.5D": "", "now": "",
	} {
		got, err := priorTo(text, now)
		if (err != nil) != (want == "") || err == nil && fmt.Sprint(got.Format(time.RFC3339)) != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}
