// Package manifest edits image configurations and puts images together.
//
// A base's configuration is edited as raw JSON: fields that this package does not know, of
// which Docker writes several, come out as they went in. The result is always an OCI image
// (image-spec 1.1), whatever media types the base has, with the base's layer blobs untouched.
package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// KV is one name and its value, in the order in which they were given.
type KV struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Edits says what a configuration gets. Zero values leave the base's as it is.
type Edits struct {
	// Env sets variables literally; nothing is expanded.
	Env []KV `json:"env,omitempty"`
	// PythonPath goes in front of the PYTHONPATH that the base and Env give, each folder once.
	PythonPath []string `json:"pythonPath,omitempty"`
	WorkingDir string   `json:"workingDir,omitempty"`
	User       string   `json:"user,omitempty"`
	Labels     []KV     `json:"labels,omitempty"`
	// Entrypoint and Cmd replace the base's; a pointer to an empty list removes it. Setting
	// Entrypoint clears the base's Cmd, as in a Dockerfile.
	Entrypoint *[]string `json:"entrypoint,omitempty"`
	Cmd        *[]string `json:"cmd,omitempty"`
	// Created is the time of the image and of the history that is added (RFC 3339); empty takes the base's.
	Created string `json:"created,omitempty"`
}

// NewLayer is what the configuration says of one layer that is put on the base.
type NewLayer struct {
	DiffID    v1.Hash
	CreatedBy string
	Comment   string
}

// EditConfig returns the base's configuration (image-spec, "OCI Image Configuration") with
// the edits made and the layers added to rootfs and history. Members that no edit names keep
// their bytes, but for white space between them; keys are sorted. History that the base has
// not is padded, so that every layer has an entry. A configuration that cannot be read is
// refused ([refusal.Error]).
func EditConfig(base []byte, e Edits, added []NewLayer) ([]byte, error) {
	out, err := edit(base, e, added)
	if err != nil {
		return nil, &refusal.Error{Input: "the base's configuration", Cause: "it is not as image-spec has it", Err: err, Fix: "use another base"}
	}
	return out, nil
}

func edit(base []byte, e Edits, added []NewLayer) ([]byte, error) {
	root, err := parseObject(base)
	if err != nil {
		return nil, err
	}
	if e.Created != "" {
		if err := root.set("created", e.Created); err != nil {
			return nil, err
		}
	}
	inner, err := root.object("config")
	if err != nil {
		return nil, err
	}
	if err := editInner(inner, e); err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	if err := root.set("config", inner); err != nil {
		return nil, err
	}
	if err := addLayers(root, e.Created, added); err != nil {
		return nil, err
	}
	return marshal(root)
}

func editInner(c object, e Edits) error {
	if err := errors.Join(editEnv(c, e), editLabels(c, e.Labels)); err != nil {
		return err
	}
	if e.WorkingDir != "" {
		if err := c.set("WorkingDir", e.WorkingDir); err != nil {
			return err
		}
	}
	if e.User != "" {
		if err := c.set("User", e.User); err != nil {
			return err
		}
	}
	if e.Entrypoint != nil {
		delete(c, "Cmd")
		// ArgsEscaped speaks of the Cmd that goes (Docker on Windows).
		delete(c, "ArgsEscaped")
		if err := c.setNonEmpty("Entrypoint", *e.Entrypoint, len(*e.Entrypoint) > 0); err != nil {
			return err
		}
	}
	if e.Cmd != nil {
		return c.setNonEmpty("Cmd", *e.Cmd, len(*e.Cmd) > 0)
	}
	return nil
}

func editEnv(c object, e Edits) error {
	if len(e.Env) == 0 && len(e.PythonPath) == 0 {
		return nil
	}
	var env []string
	if err := c.get("Env", &env); err != nil {
		return err
	}
	return c.set("Env", prependPythonPath(mergeEnv(env, e.Env), e.PythonPath))
}

func editLabels(c object, set []KV) error {
	if len(set) == 0 {
		return nil
	}
	labels, err := c.object("Labels")
	if err != nil {
		return err
	}
	for _, l := range set {
		if err := labels.set(l.Key, l.Value); err != nil {
			return err
		}
	}
	return c.set("Labels", labels)
}

// addLayers extends rootfs.diff_ids and history.
func addLayers(root object, created string, added []NewLayer) error {
	rootfs, err := root.object("rootfs")
	if err != nil {
		return err
	}
	diffIDs := []string{}
	if err := rootfs.get("diff_ids", &diffIDs); err != nil {
		return fmt.Errorf("rootfs: %w", err)
	}
	history := []object{}
	if err := root.get("history", &history); err != nil {
		return err
	}
	if created == "" {
		if err := root.get("created", &created); err != nil {
			return err
		}
	}
	if history, err = padHistory(history, len(diffIDs)); err != nil {
		return err
	}
	for _, h := range history {
		if ours(h) {
			delete(h, "comment")
		}
	}
	for _, l := range added {
		diffIDs = append(diffIDs, l.DiffID.String())
		h := object{}
		if err := errors.Join(h.setNonEmpty("created", created, created != ""), h.set("created_by", l.CreatedBy), h.setNonEmpty("comment", l.Comment, l.Comment != "")); err != nil {
			return err
		}
		history = append(history, h)
	}
	return errors.Join(rootfs.set("type", "layers"), rootfs.set("diff_ids", diffIDs),
		root.set("rootfs", rootfs), root.set("history", history))
}

// Namespace begins the history comments by which layers of ours are known again.
const Namespace = "layerpack/"

// ours reports whether a history entry claims that its layer is one of ours. Of a base's layers that says nothing
// about the image that is made of it now, so such comments are not taken over.
func ours(h object) bool {
	var comment string
	return json.Unmarshal(h["comment"], &comment) == nil && strings.HasPrefix(comment, Namespace)
}

// padHistory gives every layer of the base a history entry: some builders write none, and
// runtimes that match the two lists then refuse the image.
func padHistory(history []object, layers int) ([]object, error) {
	have := 0
	for _, h := range history {
		var empty bool
		if err := h.get("empty_layer", &empty); err != nil {
			return nil, fmt.Errorf("history: %w", err)
		}
		if !empty {
			have++
		}
	}
	if have > layers {
		return nil, fmt.Errorf("history speaks of %d layers, rootfs of %d", have, layers)
	}
	for ; have < layers; have++ {
		h := object{}
		if err := h.set("comment", "layer of the base image"); err != nil {
			return nil, err
		}
		history = append(history, h)
	}
	return history, nil
}
