package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/layerpack/layerpack/pkg/pipwheel/index"
)

// pipConfig is what pip is configured for, by files and PIP_* variables.
type pipConfig struct {
	index.PipSettings
	constraints   []string
	pre           bool
	requireHashes bool
	priorTo       time.Time // of uploaded-prior-to
	home          string    // the user's folder; empty for none
}

// pipConfig reads configuration files, those that win last, and PIP_* variables, as pip's install does.
func (c *command) pipConfig(paths []string) (*pipConfig, error) {
	var files []index.PipFile
	for _, path := range paths {
		conf, found, err := readPipConf(path)
		if err != nil {
			return nil, err
		}
		if found {
			files = append(files, index.PipFile{Path: path, Conf: conf})
		}
	}
	p := &pipConfig{home: c.home()}
	var err error
	if p.PipSettings, err = index.PipDefaults(files, c.getenv, "install"); err != nil {
		return nil, err
	}
	for _, name := range []string{"constraint", "pre", "require-hashes", "uploaded-prior-to"} {
		value, origin := pipValue(files, c.getenv, name)
		if value == "" {
			continue
		}
		if err := p.set(name, value); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", origin, name, err)
		}
	}
	return p, nil
}

// pipValue looks an option up that [index.PipDefaults] leaves to others, by the same rules.
func pipValue(files []index.PipFile, getenv func(string) string, name string) (value, origin string) {
	variable := "PIP_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	if v := getenv(variable); v != "" {
		return v, variable
	}
	for _, section := range []string{"install", "global"} {
		for _, f := range slices.Backward(files) {
			if v, ok := f.Conf[section][name]; ok {
				if v != "" {
					return v, f.Path
				}
				break // empty hides what files before it say in this section
			}
		}
	}
	return "", ""
}

func (p *pipConfig) set(name, value string) (err error) {
	switch name {
	case "constraint":
		p.constraints = strings.Fields(value)
	case "pre":
		p.pre, err = pipBool(value)
	case "require-hashes":
		p.requireHashes, err = pipBool(value)
	case "uploaded-prior-to":
		p.priorTo, err = priorTo(value, time.Now())
	}
	return err
}

// pipBool reads what pip takes for true and false.
func pipBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "y", "yes", "t", "true", "on", "1":
		return true, nil
	case "n", "no", "f", "false", "off", "0":
		return false, nil
	}
	return false, fmt.Errorf("%.20q is neither true nor false", text)
}

// priorTo reads pip's uploaded-prior-to: a moment, or days before now as in P7D. What has no time
// zone is of UTC, as with --exclude-newer; pip takes the machine's.
func priorTo(text string, now time.Time) (time.Time, error) {
	if days, ok := strings.CutPrefix(text, "P"); ok && strings.HasSuffix(days, "D") {
		if n, err := strconv.ParseUint(strings.TrimSuffix(days, "D"), 10, 16); err == nil {
			return now.UTC().AddDate(0, 0, -int(n)), nil
		}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.40q is neither a time, as in 2026-01-31T12:00:00Z, nor days, as in P7D", text)
}
