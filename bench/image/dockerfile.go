package image

import (
	"os"
	"path/filepath"
)

// dockerfile writes the Dockerfile of the job into its context. flags are those of COPY.
func (j *Job) dockerfile(name, flags string) (path string, err error) {
	path = filepath.Join(j.Context(), name)
	text := "FROM " + j.Base + "\nCOPY " + flags + "tree/ /\nCOPY " + flags + "project/ " + Workdir + "/\n" +
		"ENV PYTHONPATH=" + Workdir + "\nWORKDIR " + Workdir + "\n"
	return path, os.WriteFile(path, []byte(text), 0o644)
}
