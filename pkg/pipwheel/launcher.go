package pipwheel

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

var interpreterName = regexp.MustCompile(`^(python|pypy|graalpy)(\d+(\.\d+)*t?)?w?$`)

// checkScriptName refuses a script's name that would leave the scripts folder or replace the
// interpreter itself.
func checkScriptName(wheel, name string) error {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00") {
		return refusal.Newf(wheel, "script %q would be written outside the scripts folder", clip(name))
	}
	if interpreterName.MatchString(name) {
		return refusal.Newf(wheel, "script %q would replace the Python interpreter", clip(name))
	}
	return nil
}

// checkLauncherName refuses besides what installers spell differently: pip takes the last word
// of a name for the script's, others all of it.
func checkLauncherName(wheel, name string) error {
	if strings.ContainsFunc(name, version.IsSpace) || strings.ContainsAny(name, "[]") {
		return refusal.Newf(wheel, "the script's name %q has a space or a bracket in it", clip(name))
	}
	return checkScriptName(wheel, name)
}

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

// placeholder begins the first line of a script whose interpreter is named at installation
// (binary distribution format, "Recommended installer features").
const placeholder = "#!python"

// rewriteShebang replaces the whole first line of a script, arguments and all, as pip does,
// which has the plain form alone here.
func rewriteShebang(script []byte, executable string) []byte {
	_, rest, _ := bytes.Cut(script, []byte("\n"))
	return append([]byte("#!"+executable+"\n"), rest...)
}

// wrapperOf returns the entry point's name that a file in .data/scripts was generated for by
// setuptools: the name itself, without ".exe", "-script.py" or ".pya".
func wrapperOf(name string) string {
	for _, suffix := range []string{".exe", "-script.py", ".pya"} {
		if n := len(name) - len(suffix); n > 0 && strings.EqualFold(name[n:], suffix) {
			return name[:n]
		}
	}
	return name
}
