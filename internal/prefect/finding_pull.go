package prefect

import (
	"fmt"
	"path"
	"strings"
)

func clean(p string) string { return path.Clean(p) }

// pull judges where the pull steps lead, and whether the entrypoint is found from there.
func (j *judge) pull() {
	if j.layout.Dir == "" {
		return // nothing of the project lies in the image: where the flow comes from is the user's own affair
	}
	steps, written := j.file.PullSteps(j.d)
	if !written {
		j.noPull()
		return
	}
	j.emptyPull()
	for _, s := range steps {
		j.extra("pull", s)
		switch {
		case fetches(s):
			j.warn(s.Line, s.Name()+" is a pull step",
				"each run fetches the code anew and ignores what the image holds in "+j.layout.Dir,
				"write "+j.setDir()+" in its place, or leave the source out with --no-source")
		case s.Name() == "pip_install_requirements":
			j.warn(s.Line, "pip_install_requirements is a pull step",
				"each run installs what the image now holds, which needs the network and a user who may write to site-packages", "remove the step")
		case s.prefectStep("set_working_directory"):
			j.directory(s)
		}
	}
	j.meet()
}

func (j *judge) setDir() string {
	return "prefect.deployments.steps.set_working_directory with directory: " + j.layout.Dir
}

// noPull judges a deployment for which Prefect makes the pull step up.
func (j *judge) noPull() {
	if j.image.Origin == ByDocker {
		return // Prefect knows the folder of its own builds, and layerpack's is the same
	}
	line, what := j.file.Deployments[0].Line, "no pull step is written"
	why := "Prefect makes one up: the folder of the machine that deploys, or /opt/prefect from 3.6.25 on, neither of which holds the flow"
	own := j.d.Pull.Written
	switch {
	case own:
		line = j.d.Pull.Line
	case j.file.Pull.Written:
		line = j.file.Pull.Line
	}
	switch at := j.file.PrefectVersion.Text; {
	case own && len(j.file.Pull.Steps) > 0:
		what = fmt.Sprintf("%s has a pull of its own without a step", j.d.Title())
		why = "Prefect " + at + " then passes over the file's and makes a step up, the folder of the machine that deploys, which does not hold the flow"
	case own && !j.d.Pull.Empty && j.file.Pull.Empty:
		what = fmt.Sprintf("%s has a pull of null, which takes the file's [] back", j.d.Title())
	case own && j.d.Pull.Empty, !own && j.file.Pull.Empty:
		what = "pull: [] is written, and prefect-version is " + at
		why = "before 3.8.0 [] is the same as nothing: " + why
	}
	j.fail(line, what, why, "write "+j.setDir()+" below pull:")
}

// emptyPull judges a list that is written as [], which means something since Prefect 3.8.0.
func (j *judge) emptyPull() {
	at := j.file.Pull
	if j.d.Pull.Written {
		at = j.d.Pull
	}
	older, known := j.file.olderThan(3, 8, 0)
	if !at.Empty || known && !older {
		return
	}
	below := "they make a step up, the folder of the machine that deploys or /opt/prefect"
	if len(j.file.Pull.Steps) > 0 {
		below = "they run the steps of the file's own pull"
	}
	if known {
		j.warn(at.Line, fmt.Sprintf("the pull of %s is [], and prefect-version is %s", j.d.Title(), j.file.PrefectVersion.Text),
			"before 3.8.0 that is the same as leaving it out: the steps of the file's own pull are run", "remove it, or write the steps that are meant")
		return
	}
	j.warn(at.Line, "pull: [] means that there is no pull step to Prefect 3.8.0 and later only", "with older versions every run goes another way: "+below,
		"write "+j.setDir()+", which holds for all versions, or prefect-version: with the one that deploys")
}

// directory judges one set_working_directory by itself.
func (j *judge) directory(s Step) {
	at := s.Input("directory")
	switch {
	case at.Text == "":
		j.fail(s.Line, "set_working_directory has no directory", "the step fails when the run begins", "write directory: "+j.layout.Dir)
	case at.IsTemplate():
		for _, p := range at.Placeholders() {
			if p.Kind == StepOutput && p.Name == "name" {
				j.warn(at.Line, fmt.Sprintf("the directory %q names no output of a step", at.Text),
					"only prefect init fills in {{ name }}: at run time nothing stands in its place", "write directory: "+j.layout.Dir)
			}
		}
	case !path.IsAbs(at.Text):
		j.warn(at.Line, fmt.Sprintf("the directory %q is relative", at.Text),
			"Prefect 3.7.0 to 3.7.6 resolve it in an empty folder of the run, other versions against the image's working directory",
			"write directory: "+path.Join("/", j.layout.Workdir, at.Text))
	}
}

// meet judges whether working directory and entrypoint lead to what the image holds.
func (j *judge) meet() {
	w := j.file.workdir(j.d, j.layout)
	if w.fetched || w.dir == "" || !path.IsAbs(w.dir) {
		return
	}
	line := j.d.Entrypoint.Line
	if w.step != nil {
		line = w.at.Line
	}
	what := fmt.Sprintf("the working directory %s is not where the image holds the project, %s", w.dir, j.layout.Dir)
	if w.loose {
		return // what a command of a pull step brings is not known
	}
	if !j.layout.holds(w.dir) {
		// The base may have the folder, and flows of its own in it.
		j.fail(line, what, "the run fails because the folder, or the flow in it, is missing", "write directory: "+j.layout.Dir)
		return
	}
	if j.flow.Path == "" || strings.HasPrefix(clean(j.flow.Path), "../") || path.IsAbs(j.flow.Path) {
		return
	}
	if !j.reaches(j.flow.File) {
		j.fail(line, what, fmt.Sprintf("%s is looked for at %s, and is at %s", j.flow.Path, j.flow.File, path.Join(j.layout.Dir, j.flow.Path)),
			"write directory: "+j.layout.Dir)
	} else if w.dir != path.Clean(j.layout.Dir) && within(j.flow.File, j.layout.Dir) {
		j.warn(line, what, fmt.Sprintf("prefect deploy looks for %s below the folder of prefect.yaml, the run for %s", j.flow.Path, j.flow.File),
			"write directory: "+j.layout.Dir)
	}
}

// reaches reports whether a file may be one of those that the image gets from us.
func (j *judge) reaches(file string) bool {
	for _, dir := range append([]string{j.layout.Dir}, j.layout.Placed...) {
		if within(file, dir) {
			return true
		}
	}
	return false
}

// extra reports inputs that are not indented below their function.
func (j *judge) extra(section string, s Step) {
	if len(s.Extra) > 0 {
		j.fail(s.Line, fmt.Sprintf("the step %s of %s has %s beside it", s.Name(), section, strings.Join(s.Extra, ", ")),
			"Prefect takes a step of one key only and fails with 'unexpected additional keys'", "indent the inputs further than the function")
	}
}
