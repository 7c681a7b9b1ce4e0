package registry

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/refusal"
)

const (
	// maxNames bounds the index: the bytes of all names and targets in it.
	maxNames = 16 << 20
	// maxLinks is how many links are followed to a file.
	maxLinks = 8
	// perMember is what a member costs beside its name, in bytes.
	perMember = 64
)

// member is a file of a tar, or a link to one.
type member struct {
	offset, size int64
	link         string // path of what it stands for
	unfit        string // why it cannot be read, if it cannot
}

// indexTar reads the headers of a tar. What they say of other places than the archive itself is
// refused; what is no plain file or stands there twice is refused when it is asked for.
func indexTar(ctx context.Context, input string, r *io.SectionReader) (map[string]member, error) {
	members, cost := map[string]member{}, 0
	tr := tar.NewReader(r)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, err := tr.Next()
		if err == io.EOF {
			return members, nil
		}
		if err != nil {
			return nil, &refusal.Error{Input: input, Cause: "it is no tar, or it is damaged or cut", Err: err, Fix: "write it again"}
		}
		if h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		name := path.Clean(h.Name)
		if !fs.ValidPath(name) || name == "." {
			return nil, refusal.Newf(input, "it has a file with the name %s, which leads out of it", short(h.Name))
		}
		at, err := r.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", input, err)
		}
		m := memberOf(h, at, r.Size())
		if _, twice := members[name]; twice {
			m = member{unfit: "it is there twice"}
		}
		if cost += perMember + len(name) + len(m.link); cost > maxNames {
			return nil, refusal.New(input, "it holds more files than an archive of images can", "if docker export wrote it, use docker save")
		}
		members[strings.Clone(name)] = m
	}
}

// memberOf says what a header stands for; at is where its contents begin, and end is the archive's size.
func memberOf(h *tar.Header, at, end int64) member {
	switch h.Typeflag {
	case tar.TypeReg:
		for key := range h.PAXRecords {
			if strings.HasPrefix(key, "GNU.sparse.") {
				return member{unfit: "it is stored as a sparse file"}
			}
		}
		if h.Size > end-at {
			return member{unfit: "the archive ends within it"}
		}
		return member{offset: at, size: h.Size}
	case tar.TypeSymlink, tar.TypeLink:
		target := path.Clean(h.Linkname)
		if h.Typeflag == tar.TypeSymlink && !path.IsAbs(target) {
			target = path.Join(path.Dir(path.Clean(h.Name)), target)
		}
		if !fs.ValidPath(target) {
			return member{unfit: fmt.Sprintf("it is a link to %s, out of the archive", short(h.Linkname))}
		}
		return member{link: target}
	case tar.TypeGNUSparse:
		return member{unfit: "it is stored as a sparse file"}
	}
	return member{unfit: "it is no plain file"}
}

// has reports whether there is something of that name, fit to be read or not.
func (a *archive) has(name string) bool {
	_, ok := a.members[name]
	return ok
}

// find returns the contents of a file. One that is not there is [ErrNotFound].
func (a *archive) find(name string) (*io.SectionReader, error) {
	at := path.Clean(name)
	for range maxLinks {
		m, ok := a.members[at]
		switch {
		case !ok && at == path.Clean(name):
			return nil, &refusal.Error{Input: a.name, Cause: "it lacks " + short(name), Err: ErrNotFound, Fix: "write it again: it may be cut"}
		case !ok:
			return nil, &refusal.Error{Input: a.name, Cause: fmt.Sprintf("it lacks %s, which %s is a link to", short(at), short(name)), Err: ErrNotFound}
		case m.unfit != "":
			return nil, refusal.Newf(a.name, "%s cannot be read: %s", short(at), m.unfit)
		case m.link == "":
			return io.NewSectionReader(a.from, m.offset, m.size), nil
		}
		at = m.link
	}
	return nil, refusal.Newf(a.name, "%s is a link to a link, more than %d times", short(name), maxLinks)
}

// small reads a file of at most limit bytes.
func (a *archive) small(name string, limit int64) ([]byte, error) {
	r, err := a.find(name)
	if err != nil {
		return nil, err
	}
	if r.Size() > limit {
		return nil, refusal.Newf(a.name, "%s has %d bytes; %d are read", short(name), r.Size(), limit)
	}
	raw := make([]byte, r.Size())
	if _, err := io.ReadFull(r, raw); err != nil {
		return nil, fmt.Errorf("%s: reading %s: %w", a.name, short(name), err)
	}
	return raw, nil
}

// kind says what an archive without the file that it should have may be instead.
func (a *archive) kind() (cause, fix string) {
	switch {
	case a.has("manifest.json"):
		return "it is an archive of docker save", "write docker-archive:FILE"
	case a.has("index.json"):
		return "it is an OCI layout", "write oci-archive:FILE"
	case a.has("repositories"):
		return "a Docker before 1.10 has written it", "load and save it with a current one"
	case len(a.members) == 0:
		return "it is empty", "look whether the command that writes it has failed"
	}
	first := slices.Min(slices.Collect(maps.Keys(a.members)))
	return fmt.Sprintf("it holds files such as %s, and no image", short(first)), "docker save and skopeo copy write archives of images, docker export does not"
}

// short quotes a name of an archive for a message.
func short(name string) string {
	const most = 120
	if len(name) > most {
		return fmt.Sprintf("%q…", name[:most])
	}
	return fmt.Sprintf("%q", name)
}
