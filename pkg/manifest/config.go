// Package manifest edits image configurations and puts images together.
//
// A base's configuration is edited as raw JSON: fields that this package does not know, of
// which Docker writes several, come out as they went in. The result is always an OCI image
// (image-spec 1.1), whatever media types the base has, with the base's layer blobs untouched.
package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
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

// object is a JSON object whose unknown members survive. encoding/json writes its keys
// sorted, so the same object always has the same bytes.
type object map[string]json.RawMessage

// EditConfig returns the base's configuration (image-spec, "OCI Image Configuration") with
// the edits made and the layers added to rootfs and history. Keys are sorted; history that
// the base has not is padded, so that every layer has an entry.
func EditConfig(base []byte, e Edits, added []NewLayer) ([]byte, error) {
	root, err := parseObject(base)
	if err != nil {
		return nil, fmt.Errorf("reading the base's configuration: %w", err)
	}
	if e.Created != "" {
		if err := root.set("created", e.Created); err != nil {
			return nil, err
		}
	}
	inner, err := root.object("config")
	if err != nil {
		return nil, fmt.Errorf("reading the base's configuration: %w", err)
	}
	if err := editInner(inner, e); err != nil {
		return nil, err
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
	var env []string
	if err := c.get("Env", &env); err != nil {
		return err
	}
	env = mergeEnv(env, e.Env)
	env = prependPythonPath(env, e.PythonPath)
	if err := c.setNonEmpty("Env", env, len(env) > 0); err != nil {
		return err
	}
	var labels map[string]string
	if err := c.get("Labels", &labels); err != nil {
		return err
	}
	if labels == nil {
		labels = map[string]string{}
	}
	for _, l := range e.Labels {
		labels[l.Key] = l.Value
	}
	if err := c.setNonEmpty("Labels", labels, len(labels) > 0); err != nil {
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

// addLayers extends rootfs.diff_ids and history.
func addLayers(root object, created string, added []NewLayer) error {
	rootfs, err := root.object("rootfs")
	if err != nil {
		return fmt.Errorf("reading the base's configuration: %w", err)
	}
	var diffIDs []string
	if err := rootfs.get("diff_ids", &diffIDs); err != nil {
		return err
	}
	var history []object
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
	for _, l := range added {
		diffIDs = append(diffIDs, l.DiffID.String())
		h := object{}
		if err := errors.Join(h.setNonEmpty("created", created, created != ""), h.set("created_by", l.CreatedBy), h.set("comment", l.Comment)); err != nil {
			return err
		}
		history = append(history, h)
	}
	return errors.Join(rootfs.set("type", "layers"), rootfs.set("diff_ids", diffIDs),
		root.set("rootfs", rootfs), root.set("history", history))
}

// padHistory gives every layer of the base a history entry: some builders write none, and
// runtimes that match the two lists then refuse the image.
func padHistory(history []object, layers int) ([]object, error) {
	have := 0
	for _, h := range history {
		var empty bool
		if err := h.get("empty_layer", &empty); err != nil {
			return nil, err
		}
		if !empty {
			have++
		}
	}
	if have > layers {
		return nil, fmt.Errorf("the base's configuration is inconsistent: history speaks of %d layers, rootfs of %d", have, layers)
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

func parseObject(b []byte) (object, error) {
	var o object
	if err := json.Unmarshal(b, &o); err != nil {
		return nil, err
	}
	if o == nil {
		return nil, errors.New("not a JSON object")
	}
	return o, nil
}

// object returns a member that is an object, an empty one where it is missing or null.
func (o object) object(key string) (object, error) {
	raw, ok := o[key]
	if !ok || string(raw) == "null" {
		return object{}, nil
	}
	inner, err := parseObject(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return inner, nil
}

func (o object) get(key string, v any) error {
	raw, ok := o[key]
	if !ok {
		return nil
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("reading the base's configuration: %s: %w", key, err)
	}
	return nil
}

func (o object) set(key string, v any) error {
	b, err := marshal(v)
	if err != nil {
		return fmt.Errorf("writing %s: %w", key, err)
	}
	o[key] = b
	return nil
}

// setNonEmpty sets a member, or removes it where there is nothing to say.
func (o object) setNonEmpty(key string, v any, nonEmpty bool) error {
	if !nonEmpty {
		delete(o, key)
		return nil
	}
	return o.set(key, v)
}

// marshal is json.Marshal without the escaping of <, > and &, which only HTML needs and
// which would change the bytes of fields that are passed through.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return slices.Clip(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}
