package assemble

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/pelletier/go-toml/v2"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/refusal"
	"github.com/layerpack/layerpack/pkg/tagging"
)

// PrefectBase is what --base says for Prefect's own image that fits the project.
const PrefectBase = "prefect"

// InferBase names Prefect's own image for the Prefect that a project asks for and a Python, as Prefect's
// get_prefect_image_name does for what it runs with. python is a minor version such as "3.11"; where it is empty, the
// project's .python-version and then requires-python of its pyproject.toml say it.
func InferBase(ctx context.Context, f Flags, python string, h Host) (string, error) {
	f.Base = tagging.PrefectRepository // any will do: it is not asked
	f.NoSource = false                 // what the project asks for holds whatever goes into the image
	b, err := NewBuild(f)
	if err != nil {
		return "", err
	}
	r, err := newRun(b, h)
	if err != nil {
		return "", err
	}
	where := "--python"
	if python == "" {
		if python, where, err = projectPython(f.Dir); err != nil {
			return "", err
		}
	}
	version, from, err := r.finder(nil, nil).Prefect(ctx, marker.Linux(marker.Machine(b.Platform.Architecture, b.Platform.Variant), python, "cpython"))
	if err != nil {
		return "", err
	}
	image, err := tagging.PrefectImageName(tagging.PrefectImage{Prefect: version, Python: python})
	if err != nil {
		return "", err
	}
	r.say(progress.Note, "base %s: Prefect %s by %s, Python %s by %s", image, version, from, python, where)
	return image, nil
}

// pythonVersion finds the minor version in what .python-version files hold: 3.11, 3.11.9, cpython-3.11.9-linux-x86_64-gnu.
var pythonVersion = regexp.MustCompile(`^(?:c?python-?)?(3\.[0-9]{1,2})(?:[.\-+a-z].*)?$`)

// lowerBound finds the oldest minor version that requires-python allows.
var lowerBound = regexp.MustCompile(`(?:>=|~=|==)\s*(3\.[0-9]{1,2})`)

// lockPython is the line of a lock that says it, which stands before the packages.
var lockPython = regexp.MustCompile(`(?m)^requires-python *= *["'].*$`)

const (
	maxProjectFile = 4 << 20  // bytes
	maxLock        = 64 << 20 // bytes
)

// projectPython is the minor version of Python that a project asks for.
func projectPython(dir string) (minor, where string, err error) {
	const file = ".python-version"
	text, err := source.ReadFile(filepath.Join(dir, file), maxProjectFile)
	if err == nil {
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
				continue
			}
			if m := pythonVersion.FindStringSubmatch(line); m != nil {
				return m[1], file, nil
			}
			return "", "", refusal.New(file, fmt.Sprintf("%.50q is no version of Python", line), "write one such as 3.11, or say --python 3.11")
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", "", err
	}
	text, err = source.ReadFile(filepath.Join(dir, "pyproject.toml"), maxProjectFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", "", err
	}
	var project struct {
		Project struct {
			RequiresPython string `toml:"requires-python"`
		} `toml:"project"`
	}
	if toml.Unmarshal(text, &project) == nil { // what is wrong with it, its reader says
		if m := lowerBound.FindStringSubmatch(project.Project.RequiresPython); m != nil {
			return m[1], "requires-python of pyproject.toml", nil
		}
	}
	for _, lock := range []string{"pylock.toml", "uv.lock"} {
		text, err := source.ReadFile(filepath.Join(dir, lock), maxLock)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", "", err
		}
		if line := lockPython.Find(text); line != nil {
			if m := lowerBound.FindSubmatch(line); m != nil {
				return string(m[1]), "requires-python of " + lock, nil
			}
		}
	}
	return "", "", refusal.New("the project", "which Python it is for is not known",
		"say --python 3.11, write a .python-version, or name the image with --base")
}

// sayMoving tells that a base's tag moves, with what it is pinned to. That a tag is Prefect's is told by its form alone
// where the repository is a copy.
func (r *run) sayMoving(o *origin) {
	tag, ok := r.build.Base.Ref.(name.Tag)
	if !ok || !isPrefectRepository(tag.Context()) {
		return
	}
	parsed, err := tagging.ParsePrefectTag(tag.TagStr())
	if err != nil {
		return
	}
	if moving, why := parsed.Moving(); moving {
		r.say(progress.Note, "base tag %s moves (%s); to keep this image say --base %s@%s", tag.TagStr(), why, tag.Context().String(), o.named.Digest)
	}
}

func isPrefectRepository(repo name.Repository) bool {
	path := repo.RepositoryStr()
	return path == tagging.PrefectRepository || path == tagging.PrefectDevRepository || strings.HasSuffix(path, "/"+tagging.PrefectRepository)
}

// nearestTags adds to the error for a tag of Prefect's that does not exist those that do.
func (r *run) nearestTags(ctx context.Context, err error) error {
	tag, ok := r.build.Base.Ref.(name.Tag)
	if !ok || !errors.Is(err, registry.ErrNotFound) || !isPrefectRepository(tag.Context()) {
		return err
	}
	existing, listErr := r.client.Tags(ctx, tag.Context())
	if listErr != nil {
		return err // what is wrong has been said
	}
	if near := tagging.MissingPrefectTag(tag.TagStr(), existing); near != "" {
		return fmt.Errorf("%w; %s", err, near)
	}
	return err
}
