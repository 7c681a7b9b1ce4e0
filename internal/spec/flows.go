package spec

import "github.com/layerpack/layerpack/internal/prefect"

// Flows says which flows the image is for, and whether it is looked at whether they could run in it.
type Flows struct {
	// Unchecked builds though runs of the flows would fail.
	Unchecked bool
	// Project is the project's prefect.yaml; nil where there is none that can be read, and Text what it was read from.
	Project *prefect.File
	Text    []byte
}
