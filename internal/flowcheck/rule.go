package flowcheck

import "github.com/layerpack/layerpack/internal/check"

// The rules of this package.
const (
	MissingFile      check.Rule = "missing-entrypoint"     // the entrypoint's file or module is not in the image
	UnreadableFile   check.Rule = "unreadable-file"        // the image's user cannot read a file that the run loads
	MissingName      check.Rule = "missing-name"           // a file does not define the name that is asked of it
	NoFlow           check.Rule = "no-flow"                // what the entrypoint names is no flow
	Syntax           check.Rule = "syntax"                 // the image's Python cannot compile the file
	MissingModule    check.Rule = "missing-module"         // an import that nothing in the image satisfies
	ModuleElsewhere  check.Rule = "module-elsewhere"       // the project has it where Python does not look
	RelativeImport   check.Rule = "relative-import"        // a relative import that has no package to start from
	HiddenModule     check.Rule = "hidden-module"          // a file of the project takes a module's place
	PrefectName      check.Rule = "prefect-name"           // a name that this version of Prefect does not have
	PrefectVersion   check.Rule = "prefect-version"        // the project was made for another Prefect
	PythonVersion    check.Rule = "python-version"         // the project was made for another Python
	FlowFile         check.Rule = "flow-file"              // a .prefect file that cannot be loaded, or not safely
	UnknownUser      check.Rule = "unknown-user"           // the image's user is not in /etc/passwd
	NamedUser        check.Rule = "named-user"             // Kubernetes cannot tell that a named user is not root
	NoProgram        check.Rule = "program-not-found"      // prefect or python is not found on PATH
	Home             check.Rule = "home-not-writable"      // HOME or PREFECT_HOME cannot be written
	WorkdirSize      check.Rule = "working-directory-size" // Prefect copies the working directory for each run
	WorkdirMissing   check.Rule = "working-directory"      // the user cannot enter it
	ProjectReinstall check.Rule = "project-reinstall"      // Prefect 3.7.0 to 3.7.2 install a pyproject.toml anew
	RelativePath     check.Rule = "relative-path"          // an entry of PATH or PYTHONPATH that is not absolute
)
