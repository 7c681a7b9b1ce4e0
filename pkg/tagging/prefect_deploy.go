package tagging

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// PrefectTimeTag is the tag that every version of Prefect gives to an image that was given none:
// the slug of an instant, in microseconds of UTC. It is never the same twice; [Unique] is.
func PrefectTimeTag(t time.Time) string {
	layout := "2006-01-02T15:04:05.000000-07:00"
	if t.Nanosecond() < int(time.Microsecond) {
		layout = "2006-01-02T15:04:05-07:00"
	}
	return Slug(t.UTC().Format(layout))
}

// DeployImage is the image of a deployment, as flow.deploy(image=…) of Prefect 2 and 3 takes it.
type DeployImage struct {
	Name      string    // image="team/app:1", or name of DockerImage or DeploymentImage
	Tag       string    // tag of DockerImage or DeploymentImage
	Namespace string    // PREFECT_DEFAULT_DOCKER_BUILD_NAMESPACE
	Prefect   string    // version of Prefect that deploys; empty means the newest
	Now       time.Time // for the tag of an image that has none
}

// Reference returns the image that the deployment's runs will ask for. What Prefect fails on,
// or would make an invalid reference of, is refused: a digest above all, since Prefect 3.4.1.
func (d DeployImage) Reference() (string, error) {
	input := fmt.Sprintf("image %q of a deployment", d.Name)
	fix := "write it as [HOST/]NAME:TAG"
	if strings.Contains(d.Name, "@") {
		fix = "name the digest in job_variables, as image, instead"
	}
	name, tag, err := d.split()
	if err != nil {
		return "", &refusal.Error{Input: input, Cause: "Prefect cannot read it", Err: err, Fix: fix}
	}
	namespace, repository := splitNamespace(name)
	if namespace == "" {
		namespace = d.Namespace
	}
	switch {
	case namespace == "":
		name = repository
	case repository == "":
		name = namespace
	default:
		name = namespace + "/" + repository
	}
	if tag == "" {
		tag = PrefectTimeTag(d.Now)
	}
	return checkedReference(input, name+":"+tag, fix)
}

// split separates name and tag. The host keeps its port, since only what follows the first
// slash is looked at. An @ means something since 3.4.1; what follows it is then taken for a tag.
func (d DeployImage) split() (name, tag string, err error) {
	index, path, more := strings.Cut(d.Name, "/")
	if !more {
		index, path = "", d.Name
	}
	mark := ":"
	if strings.Contains(path, "@") && d.knowsDigests() {
		mark = "@"
	}
	name, tag, _ = strings.Cut(path, mark)
	if strings.Contains(tag, mark) {
		return "", "", fmt.Errorf("there is more than one %s", mark)
	}
	if d.Tag != "" && tag != "" {
		return "", "", errors.New("it has a tag, and another is given beside it")
	}
	if more {
		name = index + "/" + name
	}
	return name, tag + d.Tag, nil
}

func (d DeployImage) knowsDigests() bool {
	v, err := version.Parse(d.Prefect)
	if err != nil {
		return true
	}
	first, err := version.Parse("3.4.1")
	return err != nil || v.Compare(first) >= 0
}

// splitNamespace separates what stands before a repository's name: all but the last of up to
// three parts, the last of which may hold more slashes.
func splitNamespace(name string) (namespace, repository string) {
	parts := strings.SplitN(name, "/", 3)
	last := len(parts) - 1
	return strings.Join(parts[:last], "/"), parts[last]
}
