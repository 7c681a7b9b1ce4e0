package tagging

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// PrefectImage is what the name of Prefect's own image depends on.
type PrefectImage struct {
	Prefect string // version: "3.1.9"
	Python  string // minor version: "3.11"
	Flavour string // "conda", "kubernetes" or empty
	// Commit is Prefect's own, for a version with a local part ("2.20.1+5.g0123abc"); empty means
	// the one that the local part tells.
	Commit string
}

// PrefectImageName returns the image that fits a version of Prefect and of Python, as
// get_prefect_image_name of Prefect 2 and 3 does. What would be no reference is refused, and
// from Prefect 3 on a version that is not one of PEP 440; Prefect raises an error there.
//
// Prefect 3.0.11 to 3.4.15 forgot that a pre-release is one; this is what later ones do. Where
// Prefect 3 takes the commit of whatever git checkout it runs in, this takes Prefect's own.
func PrefectImageName(of PrefectImage) (string, error) {
	input := fmt.Sprintf("Prefect %q", of.Prefect)
	if of.Prefect == "" || of.Python == "" {
		return "", refusal.New(input, "Prefect's image is named by the versions of Prefect and Python, and one is not known",
			"name the base with --base")
	}
	release, local, isDev := strings.Cut(of.Prefect, "+")
	if startsWithNumber(of.Prefect, 3) {
		v, err := version.Parse(of.Prefect)
		if err != nil {
			return "", &refusal.Error{Input: input, Cause: "not a version", Err: err, Fix: "write it like 3.1.9"}
		}
		release, isDev = v.Public().String(), v.Local() != ""
	}
	repository := PrefectRepository
	if isDev {
		repository = PrefectDevRepository
		commit := of.Commit
		if commit == "" {
			commit = localCommit(local)
		}
		if len(commit) < shortCommit {
			return "", refusal.New(input, "a development build of Prefect, which its image names by the commit, and the commit is not known",
				"name the base with --base")
		}
		release = "sha-" + commit[:shortCommit]
	}
	tag := release + "-python" + of.Python
	if of.Flavour != "" {
		tag += "-" + of.Flavour
	}
	return checkedReference(input, repository+":"+TagSlug(tag), "name the base with --base")
}

// shortCommit is how many digits of a commit Prefect's tags have.
const shortCommit = 7

// localCommit finds the commit in the local part that versioneer writes: 5.g0123abc.dirty.
func localCommit(local string) string {
	for part := range strings.SplitSeq(local, ".") {
		if hex, ok := strings.CutPrefix(part, "g"); ok && hexDigits.MatchString(hex) {
			return hex
		}
	}
	return ""
}

var hexDigits = regexp.MustCompile(`^[0-9a-f]{7,64}$`)

// startsWithNumber says whether the first number of a version is n or more.
func startsWithNumber(v string, n int) bool {
	if parsed, err := version.Parse(v); err == nil {
		major, ok := parsed.Number(0)
		return !ok || major >= uint32(n) // what fits no number is beyond all
	}
	digits := leadingNumber.FindString(v)
	return len(digits) > 1 && digits[0] != '0' || len(digits) == 1 && int(digits[0]-'0') >= n
}
