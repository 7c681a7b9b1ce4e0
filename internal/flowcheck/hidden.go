package flowcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/internal/pysource"
)

// hidden finds files of the project that take the place of modules that Prefect itself needs: on
// PYTHONPATH and in the working directory they come before the standard library and site-packages.
func (i *inspector) hidden() {
	if i.Python == nil || i.major == 0 {
		return
	}
	var path []string // PYTHONPATH counts always, the working directory for some ways to start
	for _, d := range strings.Split(i.Env["PYTHONPATH"], ":") {
		if n, ok := i.node(absolute(i.workdir(), d)); ok && d != "" {
			path = append(path, n.Path)
		}
	}
	dirs := path
	if n, ok := i.node(i.workdir()); ok {
		dirs = append(slices.Clone(path), n.Path)
	}
	for _, d := range unique(dirs) {
		for module, needed := range neededNames(i.major) {
			p := i.at(d, module)
			if p.kind != plain && p.kind != pkg || !i.own[p.file] {
				continue
			}
			s := i.source(p.file)
			if s == nil || s.file == nil || s.file.Open != "" || slices.ContainsFunc(needed, func(n string) bool { return i.defined(s, p, n) }) {
				continue // the module itself, brought along
			}
			i.add(check.Finding{
				Rule: HiddenModule, Warning: !slices.Contains(path, d) || i.major == 1 && module != "prefect", Subject: "/" + p.file,
				Cause: fmt.Sprintf("it is found before the module %s that Prefect itself imports, and has no %s, so that Prefect does not start", module, needed[0]),
				Fix:   "rename it",
			})
		}
	}
}

// defined reports whether a module has a name, or a module of that name below it.
func (i *inspector) defined(s *source, p place, name string) bool {
	_, found := s.file.Lookup(name)
	return found != pysource.Absent || i.find(name, p.dirs).kind != absent
}

// neededNames are modules that every version of Prefect imports when it starts, with what is taken from them.
func neededNames(major int) map[string][]string {
	names := map[string][]string{
		"logging": {"getLogger"}, "asyncio": {"run"}, "types": {"ModuleType"}, "typing": {"Any"}, "enum": {"Enum"},
		"datetime": {"datetime"}, "json": {"dumps"}, "inspect": {"signature"}, "random": {"random"},
		"socket": {"socket"}, "subprocess": {"Popen"}, "tempfile": {"gettempdir"}, "uuid": {"UUID"}, "copy": {"copy"},
		"collections": {"namedtuple"}, "functools": {"wraps"}, "string": {"Formatter"}, "signal": {"signal"},
		"calendar": {"monthrange"}, "email": {"message"}, "http": {"client"}, "concurrent": {"futures"}, "prefect": {"flow", "Flow"},
		"platform": {"system"}, "select": {"select"}, "yaml": {"safe_load"}, "click": {"command"}, "pendulum": {"datetime"},
	}
	if major > 1 {
		for module, name := range map[string]string{"pydantic": "BaseModel", "httpx": "AsyncClient", "anyio": "run", "rich": "console", "dataclasses": "dataclass"} {
			names[module] = []string{name}
		}
	}
	if major > 2 {
		delete(names, "pendulum")
	}
	return names
}
