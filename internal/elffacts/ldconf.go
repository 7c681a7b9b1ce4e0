package elffacts

import (
	"path"
	"strings"
)

// ConfLine is one line of ld.so.conf: a folder, or a pattern for further files.
type ConfLine struct {
	Dir     string // "/usr/local/lib"
	Include string // absolute pattern of files to be read here (glob(7)): "/etc/ld.so.conf.d/*.conf"
}

// LdConf reads a file in the format of /etc/ld.so.conf (ldconfig(8)), which stands in the absolute
// folder dir. It says where ldconfig looks; the loader itself reads ld.so.cache alone, so that this
// is of use only where a base's cache is not known. Lines without meaning are passed over.
func LdConf(b []byte, dir string) []ConfLine {
	var out []ConfLine
	for line := range strings.Lines(string(b)) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == "include":
			for _, pattern := range words[1:] {
				if !path.IsAbs(pattern) {
					pattern = path.Join(dir, pattern)
				}
				out = append(out, ConfLine{Include: pattern})
			}
		case path.IsAbs(words[0]):
			d, _, _ := strings.Cut(words[0], "=") // "dir=TYPE", of libc5's days
			out = append(out, ConfLine{Dir: path.Clean(d)})
		}
	}
	return out
}
