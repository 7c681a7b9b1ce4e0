package tagging

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// StorageBase is the base that Prefect 1's Docker storage takes where none is given.
type StorageBase struct {
	Image string
	// Version is the release, branch or commit of Prefect that the storage installs, by pip from
	// git, if the base has no Prefect.
	Version string
	// Plain says that the base is an image of Python, without Prefect.
	Plain bool
}

var rcOfLine = regexp.MustCompile(`^[0-9]+\.[0-9]+rc[0-9]+$`)

// PrefectStorageBase infers the base of Prefect 1's Docker storage from prefect_version, or from
// the version of the Prefect that builds, and the minor version of Python that builds ("3.9").
func PrefectStorageBase(prefect, python string) (StorageBase, error) {
	if release, _, local := strings.Cut(prefect, "+"); local {
		prefect = "master"
		if strings.HasSuffix(release, "rc0") {
			prefect = release
		}
	}
	b := StorageBase{Version: prefect}
	switch {
	case fullRelease.MatchString(prefect), rcOfLine.MatchString(prefect) && !strings.HasSuffix(prefect, "rc0"):
		b.Image = PrefectRepository + ":" + prefect + "-python" + python
	case strings.HasSuffix(prefect, "rc0"):
		b.Image = PrefectRepository + ":" + prefect
	default:
		b.Image, b.Plain = "python:"+python+"-slim", true
	}
	image, err := checkedReference(fmt.Sprintf("Prefect %q with Python %q", prefect, python), b.Image, "name the base with --base")
	if err != nil {
		return StorageBase{}, err
	}
	b.Image = image
	return b, nil
}

// StorageImage is the image of Prefect 1's Docker storage, by the arguments of its constructor.
type StorageImage struct {
	RegistryURL string    // registry_url
	ImageName   string    // image_name
	ImageTag    string    // image_tag
	Flows       []string  // names of the flows in the storage
	Now         time.Time // for the tag of an image that has none
}

// Reference returns the image that the storage builds. Several flows or none, without
// ImageName, are refused: Prefect draws a random name there.
func (s StorageImage) Reference() (string, error) {
	const fix = "give image_name, image_tag and a registry_url of the form HOST/NAME"
	name, tag := s.ImageName, s.ImageTag
	input := fmt.Sprintf("image %q of a Docker storage", name)
	if name == "" {
		if len(s.Flows) != 1 {
			return "", refusal.New(input, fmt.Sprintf("Prefect names it at random, as the storage has %d flows and no image_name", len(s.Flows)), "give it an image_name")
		}
		input = fmt.Sprintf("image of flow %q", s.Flows[0])
		name = Slug(s.Flows[0])
	}
	if tag == "" {
		tag = PrefectTimeTag(s.Now)
	}
	return checkedReference(input, joinedPath(s.RegistryURL, name)+":"+tag, fix)
}

// PrefectFlowFile returns where Prefect 1's Docker storage keeps a pickled flow. directory is
// prefect_directory, as a rule /opt/prefect. Flows whose names have one slug have one file.
func PrefectFlowFile(directory, flow string) string {
	return directory + "/flows/" + Slug(flow) + ".prefect"
}

// joinedPath joins two paths as Python's PurePosixPath does, by which Prefect 1 joins registry
// and name: an absolute second one replaces the first, a double slash in front stays.
func joinedPath(a, b string) string {
	path := a + "/" + b
	if a == "" || strings.HasPrefix(b, "/") {
		path = b
	}
	root := ""
	if strings.HasPrefix(path, "/") {
		root = "/"
	}
	if strings.HasPrefix(path, "//") && !strings.HasPrefix(path, "///") {
		root = "//"
	}
	var parts []string
	for part := range strings.SplitSeq(path, "/") {
		if part != "" && part != "." {
			parts = append(parts, part)
		}
	}
	if root == "" && len(parts) == 0 {
		return "."
	}
	return root + strings.Join(parts, "/")
}
