package flowcheck

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// flowFile is a flow that Prefect 1 saved: JSON with the pickled flow and the versions that
// made it (Flow.save, and what Docker storage writes).
type flowFile struct {
	Flow     []byte // pickle
	Versions struct {
		Cloudpickle string `json:"cloudpickle"`
		Prefect     string `json:"prefect"`
		Python      string `json:"python"`
	}
	Protocol int // of the pickle, 0 where it does not say
}

// errFlowFile is wrapped by what readFlowFile says.
var errFlowFile = errors.New("it is no flow that Prefect 1 saved")

// readFlowFile reads the text of a .prefect file.
func readFlowFile(text []byte) (*flowFile, error) {
	var doc struct {
		Flow     *string         `json:"flow"`
		Versions json.RawMessage `json:"versions"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("%w: %w", errFlowFile, err)
	}
	if doc.Flow == nil || *doc.Flow == "" {
		return nil, fmt.Errorf("%w: there is no text under \"flow\"", errFlowFile)
	}
	f := &flowFile{}
	if len(doc.Versions) > 0 && json.Unmarshal(doc.Versions, &f.Versions) != nil {
		f.Versions.Python, f.Versions.Prefect, f.Versions.Cloudpickle = "", "", "" // a hint only
	}
	pickle, err := base64.StdEncoding.DecodeString(*doc.Flow)
	if err != nil {
		return nil, fmt.Errorf("%w: what is under \"flow\" is no base64: %w", errFlowFile, err)
	}
	// Pickles end with STOP; those of protocol 2 and later begin with PROTO.
	if len(pickle) == 0 || pickle[len(pickle)-1] != '.' {
		return nil, fmt.Errorf("%w: the pickle is cut", errFlowFile)
	}
	if pickle[0] == 0x80 && len(pickle) > 1 {
		f.Protocol = int(pickle[1])
	}
	f.Flow = pickle
	return f, nil
}

// pickled judges a .prefect file as Prefect 1's health check does, as far as reading can.
func (i *inspector) pickled(file string) []problem {
	if i.prefect == "" && i.Python != nil {
		return []problem{{rule: FlowFile, at: file, cause: "the image has no Prefect to load it", fix: "take a base with Prefect 1"}}
	}
	text, ok := i.text(file)
	if !ok {
		return nil
	}
	f, err := readFlowFile(text)
	if err != nil {
		return []problem{{rule: FlowFile, at: file, cause: err.Error(), fix: "save the flow again with flow.save"}}
	}
	var out []problem
	if i.major > 1 {
		out = append(out, problem{
			rule: FlowFile, at: file,
			cause: fmt.Sprintf("it is a flow of Prefect 1, which the image's Prefect %s cannot load", i.prefect), fix: "take a base with Prefect 1",
		})
	}
	doubt := func(what, made, have string) {
		out = append(out, problem{
			rule: FlowFile, at: file, unsure: true,
			cause: fmt.Sprintf("it was saved with %s %s, and the image has %s: what was pickled there may not be readable here", what, made, have),
			fix:   "save the flow in an environment like the image's",
		})
	}
	if made := f.Versions.Python; made != "" && i.Python != nil && minor(made) != minor(i.Python.Version) {
		doubt("Python", made, i.Python.Version)
	}
	if made := f.Versions.Prefect; made != "" && i.major == 1 && minor(made) != minor(i.prefect) {
		doubt("Prefect", made, i.prefect)
	}
	if d, ok := i.distribution("cloudpickle"); ok && f.Versions.Cloudpickle != "" && f.Versions.Cloudpickle != d.Version {
		doubt("cloudpickle", f.Versions.Cloudpickle, d.Version)
	}
	if f.Protocol == 5 && i.Python != nil && before38(i.Python.Version) {
		out = append(out, problem{
			rule: FlowFile, at: file,
			cause: fmt.Sprintf("its pickle has protocol 5, which Python %s does not read", i.Python.Version), fix: "save the flow with the image's Python",
		})
	}
	return append(out, i.pickledImports(file, f)...)
}

// before38 reports whether a version of Python is older than 3.8.
func before38(version string) bool {
	n, err := strconv.Atoi(strings.TrimPrefix(minor(version), "3."))
	return err == nil && n < 8
}
