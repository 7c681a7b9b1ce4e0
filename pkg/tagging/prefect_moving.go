package tagging

import (
	"regexp"
	"strconv"
	"strings"
)

// Moving says whether the tag may name another image tomorrow, and why. Prefect's latest counts
// as moving, though it has stood still for years: nobody promised that.
func (t PrefectTag) Moving() (moving bool, why string) {
	switch t.Kind {
	case PrefectRelease:
		return false, "it names one release of Prefect"
	case PrefectCommit:
		return false, "it names one commit of Prefect"
	case PrefectCore:
		if t.Value != "" {
			return false, "it names one release of Prefect 1"
		}
		return true, "it goes to each release of Prefect 1; the last is 1.4.1 of December 2022"
	case PrefectLine:
		if strings.Contains(t.Value, ".") {
			return true, "it goes to each new patch release of Prefect " + t.Value
		}
		return true, "it goes to new releases of Prefect " + t.Value + stoodStill(t.Value)
	case PrefectLatest:
		if t.Value != "" {
			return true, "it goes to new releases of Prefect " + t.Value + stoodStill(t.Value)
		}
		return true, "it is Prefect 1 and has been since 1.4.1 of December 2022; Prefect 2 and 3 are 2-latest and 3-latest"
	case PrefectBranch:
		return true, "it goes to each new commit of Prefect"
	}
	return false, ""
}

// stoodStill warns of the tags that Prefect moved only with what GitHub called its latest
// release, which stopped being a Prefect 2 for a while (PrefectHQ/prefect#19535).
func stoodStill(major string) string {
	if major == "2" {
		return ", but stood at 2.20.18 for months: name the release that you want"
	}
	return ""
}

var leadingNumber = regexp.MustCompile(`^[0-9]+`)

// Major returns the major version of Prefect in the image, 0 where the tag does not say it.
// Versions 0.x, of which Prefect 1 is the continuation, count as 1.
func (t PrefectTag) Major() int {
	switch t.Kind {
	case PrefectRelease, PrefectLine:
	case PrefectLatest:
		if t.Value == "" {
			return 1
		}
	case PrefectCore:
		return 1
	case PrefectBranch:
		if t.Value == "master" {
			return 1
		}
	default:
		return 0
	}
	n, err := strconv.Atoi(leadingNumber.FindString(t.Value))
	if err != nil {
		return 0
	}
	return max(n, 1)
}

// PythonVersion returns the minor version of Python in the image ("3.11"), also where only
// Prefect's scheme says it; empty where neither does.
func (t PrefectTag) PythonVersion() string {
	if t.Python != "" {
		return t.Python
	}
	switch {
	case t.Kind == PrefectLatest && t.Value == "", t.Kind == PrefectRelease && strings.HasPrefix(t.Value, "1."):
		return "3.7"
	case t.Kind == PrefectLatest && t.Value == "2":
		return "3.10"
	case t.Kind == PrefectLatest && t.Value == "3":
		return "3.12"
	}
	return ""
}
