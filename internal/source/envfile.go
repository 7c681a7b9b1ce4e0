package source

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/layerpack/layerpack/pkg/refusal"
)

const envFileLimit = 16 << 20 // bytes

// ReadEnvFile returns the "NAME=value" lines of a file in the form of `docker run --env-file`,
// in order, duplicates kept.
//
// A byte order mark, blank lines, white space before a line and lines beginning with # are
// skipped. Values are literal to the end of the line: no quotes, no $NAME, no comments. It
// differs from Docker in one point: a line with a name alone, which Docker takes from its own
// environment, is refused. No message repeats what a line says, for it may be a secret.
func ReadEnvFile(path string) ([]string, error) {
	data, err := ReadFile(path, envFileLimit)
	if err != nil {
		return nil, err
	}
	lines, err := parseEnvFile(data)
	if err != nil {
		return nil, &refusal.Error{
			Input: printable(path), Cause: "cannot be understood", Err: err, Fix: "write one NAME=value per line",
		}
	}
	return lines, nil
}

func parseEnvFile(data []byte) ([]string, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var lines []string
	number := 0
	for raw := range bytes.Lines(data) {
		number++
		raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
		if !utf8.Valid(raw) {
			return nil, fmt.Errorf("line %d is not UTF-8", number)
		}
		line := strings.TrimLeftFunc(string(raw), unicode.IsSpace)
		if line == "" || line[0] == '#' {
			continue
		}
		name, _, hasValue := strings.Cut(line, "=")
		switch {
		case name == "":
			return nil, fmt.Errorf("line %d has no name before its =", number)
		case strings.ContainsFunc(name, unicode.IsSpace):
			return nil, fmt.Errorf("line %d has white space in the name before its =", number)
		case strings.ContainsRune(line, 0):
			return nil, fmt.Errorf("line %d holds a NUL byte", number)
		case !hasValue:
			return nil, fmt.Errorf("line %d is a name without a value, which would be taken from the environment of "+
				"this run: an image must not depend on that", number)
		}
		lines = append(lines, line)
	}
	return lines, nil
}
