package tagging

import (
	"fmt"
	"regexp"
	"strings"
)

// Where Prefect publishes its images on Docker Hub: releases in the first repository, commits
// since Prefect 2.8 in the second.
const (
	PrefectRepository    = "prefecthq/prefect"
	PrefectDevRepository = "prefecthq/prefect-dev"
)

// PrefectKind says what the first part of a Prefect tag names.
type PrefectKind int

// The kinds of tags that Prefect has published for its versions 1, 2 and 3.
const (
	PrefectRelease PrefectKind = iota + 1 // one release or pre-release: 2.20.3, 3.0.0rc1
	PrefectLine                           // the newest of a line: 2.20, 3
	PrefectLatest                         // latest, or 2-latest with the Value "2"
	PrefectCore                           // core, or core-0.15.3 with the Value "0.15.3": Prefect 1 without extras
	PrefectBranch                         // the newest commit: master, main, 1-dev
	PrefectCommit                         // one commit: sha-0123abc, or 40 hex digits
)

// PrefectTag is a tag of Prefect's images, in its parts.
type PrefectTag struct {
	Kind PrefectKind
	// Value is the version of a release or line, the version in latest and core (or empty), the
	// name of a branch, and of a commit what the tag says, with sha- where it has that.
	Value   string
	Python  string // "3.11"; empty in a tag without -python
	Flavour string // "conda" or "kubernetes"; mostly empty
}

var (
	prefectParts   = regexp.MustCompile(`^(.+?)(?:-python([0-9]+\.[0-9]+))?(?:-(conda|kubernetes))?$`)
	prefectRelease = regexp.MustCompile(`^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){0,2}((a|b|rc)[0-9]+)?(\.post[0-9]+)?(\.dev[0-9]+)?$`)
	prefectBranch  = regexp.MustCompile(`^(master|main|[0-9]+-dev)$`)
	prefectCommit  = regexp.MustCompile(`^(sha-[0-9a-f]{7,40}|[0-9a-f]{40})$`)
	fullRelease    = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)
	lineOfReleases = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)
)

// ParsePrefectTag reads a tag of Prefect's images. An error means that Prefect's scheme has no
// such tag, not that the registry has none. [PrefectTag.String] writes it back as it was.
func ParsePrefectTag(tag string) (PrefectTag, error) {
	wrong := fmt.Errorf("%q: not a tag of Prefect's scheme; those are like 3.1.9-python3.12, 2-latest-conda or sha-0123abc-python3.11", tag)
	if !validTag.MatchString(tag) {
		return PrefectTag{}, wrong
	}
	// A tag of valid characters always has a first part.
	m := prefectParts.FindStringSubmatch(tag)
	t := PrefectTag{Python: m[2], Flavour: m[3]}
	first := m[1]
	core, isCore := strings.CutPrefix(first, "core-")
	major, isLatest := strings.CutSuffix(first, "-latest")
	switch {
	case prefectCommit.MatchString(first):
		t.Kind, t.Value = PrefectCommit, first
	case prefectRelease.MatchString(first) && lineOfReleases.MatchString(first):
		t.Kind, t.Value = PrefectLine, first
	case prefectRelease.MatchString(first):
		t.Kind, t.Value = PrefectRelease, first
	case first == "latest":
		t.Kind = PrefectLatest
	case isLatest && prefectRelease.MatchString(major) && !strings.ContainsAny(major, ".abr"):
		t.Kind, t.Value = PrefectLatest, major
	case first == "core":
		t.Kind = PrefectCore
	case isCore && prefectRelease.MatchString(core):
		t.Kind, t.Value = PrefectCore, core
	case prefectBranch.MatchString(first):
		t.Kind, t.Value = PrefectBranch, first
	default:
		return PrefectTag{}, wrong
	}
	return t, nil
}

// String writes the tag.
func (t PrefectTag) String() string {
	s := t.Value
	switch {
	case t.Kind == PrefectLatest && t.Value == "":
		s = "latest"
	case t.Kind == PrefectLatest:
		s += "-latest"
	case t.Kind == PrefectCore && t.Value == "":
		s = "core"
	case t.Kind == PrefectCore:
		s = "core-" + s
	}
	if t.Python != "" {
		s += "-python" + t.Python
	}
	if t.Flavour != "" {
		s += "-" + t.Flavour
	}
	return s
}
