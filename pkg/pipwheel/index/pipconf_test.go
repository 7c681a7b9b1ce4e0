package index

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

const demoConf = "\ufeff# comment\n[DEFAULT]\ntimeout = 5\n[global]\nIndex_URL = https://a.example/simple  \n; comment\n--extra-index-url: https://b.example\n" +
	"    https://c.example\n\n\t# comment in a value\n\thttps://d.example\nempty =\n trusted-host = x\n[install]\nfind-links =\n  /w\n  https://f.example\r\nno-index=yes # kept\n"

func TestParsePipConf(t *testing.T) {
	conf, err := ParsePipConf(demoConf)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for section, options := range conf {
		for name, value := range options {
			got = append(got, fmt.Sprintf("%s.%s=%q", section, name, value))
		}
	}
	slices.Sort(got)
	want := []string{
		`global.empty="\ntrusted-host = x"`, `global.extra-index-url="https://b.example\nhttps://c.example\n\nhttps://d.example"`,
		`global.index-url="https://a.example/simple"`, `global.timeout="5"`,
		`install.find-links="\n/w\nhttps://f.example"`, `install.no-index="yes # kept"`, `install.timeout="5"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, text := range []string{"a = 1", "[global]\nx", "[global\nx=1", "[]\n", "[a]\n[a]\n", "[a]\nx=1\nX: 2\n", "[a]\n= s3cret", "[a]\ns3cret", strings.Repeat("#", maxPipConf+1)} {
		if _, err := ParsePipConf(text); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%.30q: %v", text, err)
		}
	}
}

func conf(t *testing.T, path, text string) PipFile {
	t.Helper()
	c, err := ParsePipConf(text)
	if err != nil {
		t.Fatal(err)
	}
	return PipFile{path, c}
}

func TestPipDefaults(t *testing.T) {
	files := []PipFile{
		conf(t, "/etc/pip.conf", "[global]\nindex-url = https://etc\nextra-index-url = https://e1 https://e2\ncert = /ca\n[install]\ntrusted-host = etc-install\n[download]\nproxy = no\n"),
		conf(t, "/home/pip.conf", "[global]\nindex-url = https://home\ntrusted-host = home\nfind-links = /w\nno-index = off\nclient-cert=\n"),
	}
	env := map[string]string{"PIP_FIND_LINKS": "/e1  https://e2\n", "PIP_EXTRA_INDEX_URL": "", "PIP_PROXY": "http://p"}
	s, err := PipDefaults(files, func(k string) string { return env[k] }, "install")
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%s %v %v %v %v %s|%s %s", s.IndexURL, s.ExtraIndexURLs, s.FindLinks, s.NoIndex, s.TrustedHosts, s.Cert, s.ClientCert, s.Proxy)
	if want := "https://home [https://e1 https://e2] [/e1 https://e2] false [etc-install] /ca| http://p"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	want := map[string]string{
		"index-url": "/home/pip.conf", "extra-index-url": "/etc/pip.conf", "find-links": "PIP_FIND_LINKS", "no-index": "/home/pip.conf",
		"trusted-host": "/etc/pip.conf", "cert": "/etc/pip.conf", "proxy": "PIP_PROXY",
	}
	if !maps.Equal(s.Origins, want) {
		t.Errorf("%v", s.Origins)
	}
	if _, err := PipDefaults(nil, func(k string) string { return map[string]string{"PIP_NO_INDEX": "perhaps"}[k] }, "install"); err == nil || !strings.Contains(err.Error(), "PIP_NO_INDEX") {
		t.Errorf("%v", err)
	}
	if s, err := PipDefaults(nil, func(k string) string { return map[string]string{"PIP_NO_INDEX": "1"}[k] }, "install"); err != nil || !s.NoIndex {
		t.Errorf("%v", err)
	}
}

func TestPipFiles(t *testing.T) {
	all := func(string) bool { return true }
	none := func(string) bool { return false }
	for name, c := range map[string]struct {
		goos   string
		env    map[string]string
		exists func(string) bool
		want   string
	}{
		"linux":       {"linux", nil, none, "/etc/xdg/pip/pip.conf /etc/pip.conf /home/u/.pip/pip.conf /home/u/.config/pip/pip.conf"},
		"xdg":         {"linux", map[string]string{"XDG_CONFIG_HOME": "/c", "XDG_CONFIG_DIRS": "/a:/b"}, none, "/a/pip/pip.conf /b/pip/pip.conf /etc/pip.conf /home/u/.pip/pip.conf /c/pip/pip.conf"},
		"named":       {"linux", map[string]string{"PIP_CONFIG_FILE": "/my.conf"}, all, "/etc/xdg/pip/pip.conf /etc/pip.conf /my.conf"},
		"not there":   {"linux", map[string]string{"PIP_CONFIG_FILE": "/my.conf"}, none, "/etc/xdg/pip/pip.conf /etc/pip.conf /home/u/.pip/pip.conf /home/u/.config/pip/pip.conf"},
		"none":        {"linux", map[string]string{"PIP_CONFIG_FILE": "/dev/null"}, all, ""},
		"mac":         {"darwin", nil, none, "/Library/Application Support/pip/pip.conf /home/u/.pip/pip.conf /home/u/.config/pip/pip.conf"},
		"mac, folder": {"darwin", nil, all, "/Library/Application Support/pip/pip.conf /home/u/.pip/pip.conf /home/u/Library/Application Support/pip/pip.conf"},
		"windows":     {"windows", map[string]string{"APPDATA": `C:\A`, "ProgramData": `C:\P`}, none, `C:\P\pip\pip.ini /home/u\pip\pip.ini C:\A\pip\pip.ini`},
		"nul":         {"windows", map[string]string{"PIP_CONFIG_FILE": "NUL"}, none, ""},
	} {
		got := PipFiles(c.goos, "/home/u", func(k string) string { return c.env[k] }, c.exists)
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
