package baseimage

import (
	"strconv"
	"strings"
)

// parsePackages reads a database of installed packages, dpkg's (status, deb-control(5)) or apk's
// (installed), as package -> version, for packages of
// Python and musl. Versions keep epoch and revision.
func parsePackages(b []byte) map[string]string {
	out := map[string]string{}
	var name, version string
	end := func() {
		if name != "" && version != "" {
			out[name] = version
		}
		name, version = "", ""
	}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			end()
			continue
		}
		k, v, _ := strings.Cut(line, ":")
		switch v = strings.TrimSpace(v); k {
		case "Package", "P":
			if strings.HasPrefix(v, "python3") || strings.HasPrefix(v, "musl") {
				name = v
			}
		case "Version", "V":
			version = v
		case "Status": // of dpkg: removed packages stay in it
			if !strings.HasSuffix(v, " installed") {
				name = ""
			}
		}
	}
	end()
	return out
}

// upstream is a package's version without epoch and revision: "3.11.2" of "1:3.11.2-6+deb12u1".
func upstream(version string) string {
	if _, v, ok := strings.Cut(version, ":"); ok {
		version = v
	}
	i := strings.IndexFunc(version, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if i >= 0 {
		version = version[:i]
	}
	return strings.TrimRight(version, ".")
}

// parseUsers reads /etc/passwd (passwd(5)); of a name that occurs twice the first counts.
func parseUsers(text string) map[string]User {
	out := map[string]User{}
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), ":")
		if len(f) < 6 || f[0] == "" || strings.HasPrefix(f[0], "#") {
			continue
		}
		uid, err1 := strconv.ParseUint(f[2], 10, 32)
		gid, err2 := strconv.ParseUint(f[3], 10, 32)
		if _, twice := out[f[0]]; err1 == nil && err2 == nil && !twice {
			out[f[0]] = User{UID: int(uid), GID: int(gid), Home: f[5]}
		}
	}
	return out
}

// parseGroups reads /etc/group (group(5)).
func parseGroups(text string) map[string]int {
	out := map[string]int{}
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), ":")
		if len(f) < 3 || f[0] == "" || strings.HasPrefix(f[0], "#") {
			continue
		}
		gid, err := strconv.ParseUint(f[2], 10, 32)
		if _, twice := out[f[0]]; err == nil && !twice {
			out[f[0]] = int(gid)
		}
	}
	return out
}
