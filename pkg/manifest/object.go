package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// object is a JSON object whose unknown members survive. encoding/json writes its keys
// sorted, so the same object always has the same bytes.
type object map[string]json.RawMessage

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
	if !ok || isNull(raw) {
		return object{}, nil
	}
	inner, err := parseObject(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return inner, nil
}

// get reads a member into v and leaves v as it is where the member is missing or null.
func (o object) get(key string, v any) error {
	raw, ok := o[key]
	if !ok || isNull(raw) {
		return nil
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

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
