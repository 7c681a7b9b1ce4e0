package pipwheel

import (
	"bytes"
	"fmt"
	"strings"
)

// maxShebang is the longest first line that every Linux kernel runs, with "#!" and newline.
const maxShebang = 127

// shebang returns the first lines of a script for an interpreter. Where the kernel cannot run
// the plain form (a space in the path, or too long a line), /bin/sh starts the interpreter.
func shebang(executable string) []byte {
	if !strings.Contains(executable, " ") && len(executable)+len("#!\n") <= maxShebang {
		return []byte("#!" + executable + "\n")
	}
	if strings.Contains(executable, " ") {
		executable = `"` + executable + `"`
	}
	return []byte("#!/bin/sh\n'''exec' " + executable + " \"$0\" \"$@\"\n' '''\n")
}

// launcher returns the script for an entry point, in the words of pip's own. Python before
// 3.9 has no str.removesuffix.
func launcher(executable string, e entryPoint, oldPython bool) []byte {
	name, _, _ := strings.Cut(e.Attr, ".")
	strip := "    sys.argv[0] = sys.argv[0].removesuffix('.exe')\n"
	if oldPython {
		strip = "    if sys.argv[0].endswith('.exe'):\n        sys.argv[0] = sys.argv[0][:-4]\n"
	}
	return fmt.Appendf(shebang(executable),
		"import sys\nfrom %s import %s\nif __name__ == '__main__':\n%s    sys.exit(%s())\n",
		e.Module, name, strip, e.Attr)
}

// isPythonScript reports whether a script from a wheel begins with the placeholder that is
// replaced at installation (binary distribution format, "Recommended installer features").
func isPythonScript(start []byte) bool { return bytes.HasPrefix(start, []byte("#!python")) }

// rewriteShebang replaces the whole first line of a script, arguments and all, as pip does.
func rewriteShebang(script []byte, executable string) []byte {
	_, rest, _ := bytes.Cut(script, []byte("\n"))
	return append([]byte("#!"+executable+"\n"), rest...)
}

// wrapperOf returns the entry point's name that a file in .data/scripts was generated for by
// setuptools: the name itself, without ".exe", "-script.py" or ".pya".
func wrapperOf(name string) string {
	for _, suffix := range []string{".exe", "-script.py", ".pya"} {
		if len(name) > len(suffix) && strings.EqualFold(name[len(name)-len(suffix):], suffix) {
			return name[:len(name)-len(suffix)]
		}
	}
	return name
}
