package index

import (
	"fmt"
	"path"
	"strings"
)

// PipSettings are pip's defaults, as far as they are about where wheels come from.
type PipSettings struct {
	IndexURL       string
	ExtraIndexURLs []string
	FindLinks      []string
	NoIndex        bool
	TrustedHosts   []string
	Cert           string // a file of certificate authorities
	ClientCert     string // a file with key and certificate
	Proxy          string
	// Origins says for each setting ("index-url") where its value is from: a file's path, or a variable.
	Origins map[string]string
}

// PipFile is a configuration file that was read.
type PipFile struct {
	Path string
	Conf PipConf
}

// PipFiles lists where pip looks for configuration files, those later in the list win: the
// machine's, the user's, then the one that PIP_CONFIG_FILE names. A file that is not there is none.
//
// goos is "linux", "darwin" or "windows", home the user's folder. exists tells whether the file of
// PIP_CONFIG_FILE is there: then the user's are not read, and none is where it is the null device.
// The file of a virtual environment (sys.prefix) is left to the caller: there is no Python here.
func PipFiles(goos, home string, getenv func(string) string, exists func(string) bool) []string {
	named := getenv("PIP_CONFIG_FILE")
	if named == "/dev/null" || goos == "windows" && strings.EqualFold(named, "nul") {
		return nil
	}
	var files, user []string
	switch goos {
	case "windows":
		if data := getenv("ProgramData"); data != "" {
			files = append(files, data+`\pip\pip.ini`)
		}
		user = append(user, home+`\pip\pip.ini`)
		if data := getenv("APPDATA"); data != "" {
			user = append(user, data+`\pip\pip.ini`)
		}
	case "darwin":
		files = append(files, "/Library/Application Support/pip/pip.conf")
		folder := path.Join(home, "Library/Application Support/pip")
		if !exists(folder) {
			folder = path.Join(home, ".config/pip")
		}
		user = append(user, path.Join(home, ".pip/pip.conf"), path.Join(folder, "pip.conf"))
	default:
		dirs := getenv("XDG_CONFIG_DIRS")
		if dirs == "" {
			dirs = "/etc/xdg"
		}
		for dir := range strings.SplitSeq(dirs, ":") {
			if dir != "" {
				files = append(files, path.Join(dir, "pip/pip.conf"))
			}
		}
		files = append(files, "/etc/pip.conf")
		config := getenv("XDG_CONFIG_HOME")
		if config == "" {
			config = path.Join(home, ".config")
		}
		user = append(user, path.Join(home, ".pip/pip.conf"), path.Join(config, "pip/pip.conf"))
	}
	if named == "" {
		return append(files, user...)
	}
	if !exists(named) {
		return append(files, user...)
	}
	return append(files, named)
}

// settings are what is looked up.
var settings = [...]string{"index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "cert", "client-cert", "proxy"}

// PipDefaults joins files, later ones first, and PIP_* variables as pip does for its command
// ("install"): a section of the command beats [global], whatever files they are in, and variables
// beat both. Lists are not added up: the last place that names an option has all of it. Empty
// values are as if they were not there.
func PipDefaults(files []PipFile, getenv func(string) string, command string) (PipSettings, error) {
	s := PipSettings{Origins: map[string]string{}}
	for _, name := range settings {
		value, origin := "", ""
		for _, section := range []string{"global", command} {
			v, o := "", ""
			found := false
			for _, f := range files {
				if text, ok := f.Conf[section][name]; ok {
					v, o, found = text, f.Path, true
				}
			}
			if found && v != "" {
				value, origin = v, o
			}
		}
		variable := "PIP_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if v := getenv(variable); v != "" {
			value, origin = v, variable
		}
		if value == "" {
			continue
		}
		s.Origins[name] = origin
		if err := s.set(name, value); err != nil {
			return PipSettings{}, fmt.Errorf("%s: %w", origin, err)
		}
	}
	return s, nil
}

func (s *PipSettings) set(name, value string) error {
	switch name {
	case "index-url":
		s.IndexURL = strings.TrimSpace(value)
	case "extra-index-url":
		s.ExtraIndexURLs = strings.Fields(value)
	case "find-links":
		s.FindLinks = strings.Fields(value)
	case "trusted-host":
		s.TrustedHosts = strings.Fields(value)
	case "cert":
		s.Cert = value
	case "client-cert":
		s.ClientCert = value
	case "proxy":
		s.Proxy = value
	case "no-index":
		switch strings.ToLower(value) {
		case "y", "yes", "t", "true", "on", "1":
			s.NoIndex = true
		case "n", "no", "f", "false", "off", "0":
		default:
			return fmt.Errorf("no-index: %.20q is neither true nor false", value)
		}
	}
	return nil
}
