package flowcheck

import (
	"fmt"
	"path"
	"strings"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/pkg/layers"
)

// image judges the configuration that every run meets.
func (i *inspector) image(entries []Entrypoint) {
	if i.unknownUser() {
		return // the container does not start: what else would happen in it is not known
	}
	i.namedUser()
	i.enter()
	i.relativePaths(entries)
	i.entrypointStarts()
	i.programs(entries)
	i.home(entries)
	i.hidden()
	i.workdirSize(entries)
	i.reinstall()
}

// unknownUser reports a user that runtimes do not find.
func (i *inspector) unknownUser() bool {
	if i.user.missing == "" || i.Profile == nil {
		return false
	}
	i.add(check.Finding{
		Rule: UnknownUser, Subject: "user " + i.User,
		Cause: fmt.Sprintf("the image's /etc/passwd and /etc/group do not have %s, so no container starts", i.user.missing),
		Fix:   "use numbers: --user 1000:0",
	})
	return true
}

func (i *inspector) namedUser() {
	if i.user.named && i.user.uid != 0 {
		i.add(check.Finding{
			Rule: NamedUser, Warning: true, Subject: "user " + i.User,
			Cause: "a pod with runAsNonRoot does not start: Kubernetes cannot tell from a name that it is not root's",
			Fix:   fmt.Sprintf("use the number: --user %d", i.user.uid),
		})
	}
}

// enter judges the working directory: runtimes change to it as the user.
func (i *inspector) enter() {
	r, err := i.Tree.Resolve(i.workdir())
	if err != nil {
		i.add(check.Finding{
			Rule: WorkdirMissing, Subject: "working directory " + i.workdir(),
			Cause: fmt.Sprintf("it cannot be followed (%v), so no container starts", err), Fix: "correct --workdir",
		})
		return
	}
	n, ok := i.Tree.Lookup(r)
	switch {
	case ok && n.Kind != layers.Dir:
		i.add(check.Finding{
			Rule: WorkdirMissing, Subject: "working directory " + i.workdir(),
			Cause: "it is no folder, so no container starts", Fix: "correct --workdir",
		})
	case ok:
		if barred, ok := i.reach(r, canEnter); !ok {
			i.add(check.Finding{
				Rule: WorkdirMissing, Subject: "working directory " + i.workdir(),
				Cause: fmt.Sprintf("%s may not enter /%s, so no container starts", i.user.who(), barred),
				Fix:   "choose one that every user may enter: --workdir /opt/prefect/NAME",
			})
		}
	}
}

// relativePaths warns of entries that mean another folder as soon as the working directory is another.
func (i *inspector) relativePaths(entries []Entrypoint) {
	for _, name := range []string{"PYTHONPATH", "PATH"} {
		values := []string{i.Env[name]}
		for _, e := range entries {
			values = append(values, e.Env[name])
		}
		for _, value := range unique(values) {
			for _, entry := range strings.Split(value, ":") {
				if entry == "" || path.IsAbs(entry) {
					continue
				}
				f := check.Finding{
					Rule: RelativePath, Warning: true, Subject: name + "=" + value,
					Cause: fmt.Sprintf("%s is relative to a working directory that pull steps and Prefect 3.7 change", entry),
					Fix:   "write absolute folders, for PYTHONPATH with --pythonpath",
				}
				if strings.HasPrefix(entry, "$") {
					f.Cause = fmt.Sprintf("nothing replaces %s: containers get it as it is written", entry)
					f.Fix = "use --pythonpath DIR, which adds to what the base has"
				}
				i.add(f)
			}
		}
	}
}
