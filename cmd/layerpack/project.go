package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/prefect"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/pkg/assemble"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// maxPrefectYAML bounds a prefect.yaml, in bytes.
const maxPrefectYAML = 4 << 20

// projectDir is the project's folder, by its own name, not that of a link to it which PWD may hold.
func projectDir() (string, error) {
	dir, err := os.Getwd()
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return "", fmt.Errorf("finding the project's folder: %w", err)
	}
	return dir, nil
}

// projectText is the text of the project's prefect.yaml; nil where there is none.
func projectText(dir string) ([]byte, error) {
	text, err := source.ReadFile(filepath.Join(dir, prefectFile), maxPrefectYAML)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// projectName takes the name from prefect.yaml, which is not looked at where --name says it.
func (f *buildFlags) projectName() error {
	// Only a source that the user gave no place in the image asks for the name.
	named := len(f.Sources) > 0 && !slices.ContainsFunc(f.Sources, func(s string) bool { return !strings.Contains(s, ":/") })
	if f.Name != "" || f.NoSource || named || f.prefectYAML == nil {
		return nil
	}
	var err error
	if f.ProjectName, err = prefect.ProjectName(f.prefectYAML); err != nil {
		return &refusal.Error{
			Input: filepath.Join(f.Dir, prefectFile), Cause: "cannot be understood", Err: err, Fix: "mend it, or say --name NAME, which goes before it",
		}
	}
	return nil
}

// fullVersion is what prefect.yaml's prefect-version must be to name a release.
var fullVersion = regexp.MustCompile(`^([0-9]+\.[0-9]+(?:\.[0-9]+)?(?:rc[0-9]+)?)(?:\+.*)?$`)

// prefect decides which Prefect a base without one gets: that of the project's prefect.yaml. Wheels that are named alone
// are all that is installed.
func (f *buildFlags) prefect() {
	if f.noPrefect || f.NoSource || f.prefectYAML == nil || len(f.Wheels) > 0 && !f.Flags.Packages.Asked() {
		return
	}
	f.Flags.Packages.Prefect = "prefect"
	if file := f.Flows.Project; file != nil {
		if m := fullVersion.FindStringSubmatch(file.PrefectVersion.Text); m != nil {
			f.Flags.Packages.Prefect = "prefect==" + m[1]
		}
	}
}

// readProject reads the project's prefect.yaml for what looks at its deployments. One that cannot be read whole is for
// Prefect to refuse.
func (f *buildFlags) readProject() {
	f.Flows.Unchecked = f.ignoreHealthchecks
	if f.prefectYAML == nil {
		return
	}
	if f.Flows.Project, f.unread = prefect.Read(f.prefectYAML); f.unread == nil {
		f.Flows.Text = f.prefectYAML
	}
}

// checkProject tells what in the project's prefect.yaml cannot work with the image of a build, and refuses what would fail
// in every run of a deployment.
func (f *buildFlags) checkProject(b *assemble.Build, say assemble.Sink) error {
	if f.ignoreHealthchecks {
		return nil
	}
	var wrong []string
	for _, one := range projectFindings(b) {
		text := strings.TrimPrefix(one.String(), one.Severity+": ")
		if one.Severity == assemble.SeverityWarning {
			say.Send(progress.Event{Kind: progress.Warning, Text: text})
			continue
		}
		wrong = append(wrong, text)
	}
	if len(wrong) == 0 {
		return nil
	}
	return refusal.New(prefectFile, "runs of its deployments would fail:\n"+strings.Join(wrong, "\n"), "mend it, or say --ignore-healthchecks")
}
