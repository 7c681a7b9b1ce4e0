package index

import (
	"fmt"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
)

// Explain says in one line why a release has no wheel for the image, or what is to be said about
// the one it has: "only a source distribution, which would have to be built".
func (s *Selector) Explain(r Release, hashes ...Hash) string {
	files := r.Files()
	counts := map[verdict]int{}
	var offers []tag.Filename
	example := map[verdict]*File{}
	for i := range files {
		f := &files[i]
		v := s.why(f, hashes)
		if counts[v]++; example[v] == nil {
			example[v] = f
		}
		if v == wrongTags {
			offers = append(offers, s.rank(f).file)
		}
	}
	if f := example[fits]; f != nil {
		if c := s.Candidate(r, hashes...); c.Yanked {
			return "yanked" + reason(c.Wheel.YankedReason)
		}
		return "fits"
	}
	// What comes nearest to fitting is the most useful to know.
	switch {
	case counts[wrongHash] > 0:
		return fmt.Sprintf("%s fits, but has none of the hashes that are allowed", example[wrongHash].Filename)
	case counts[tooNew] > 0:
		return fmt.Sprintf("uploaded at %s, after --exclude-newer", example[tooNew].Uploaded.Format("2006-01-02T15:04:05Z"))
	case counts[undated] > 0:
		return fmt.Sprintf("%s does not say when files were uploaded (PEP 700), and --exclude-newer leaves such files out", example[undated].Source())
	case counts[wrongPython] > 0:
		return fmt.Sprintf("requires Python %s; the image has %s", example[wrongPython].RequiresPython, s.python)
	case counts[wrongTags] > 0:
		return tag.Explain(s.interpreter, offers...)
	case counts[badName] > 0:
		return fmt.Sprintf("%s: %v", example[badName].Filename, s.rank(example[badName]).err)
	case counts[noWheel] > 0:
		return fmt.Sprintf("only a source distribution, %s, which would have to be built", example[noWheel].Filename)
	}
	return "has no files"
}

func reason(text string) string {
	if text = strings.Join(strings.Fields(text), " "); text == "" {
		return ""
	}
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return ": " + text
}
