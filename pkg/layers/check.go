package layers

import (
	"fmt"
	"math"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// maxID is the highest user or group that Linux has; the one above it means "none".
const maxID = math.MaxUint32 - 1

// check refuses what an entry says of itself beside its path. What only a caller's mistake
// can bring is an ordinary error.
func check(e *Entry) error {
	switch {
	case e.Mode > 0o7777:
		return fmt.Errorf("layer entry /%s: mode %#o is more than 07777", e.Path, e.Mode)
	case e.UID < 0 || e.GID < 0 || int64(e.UID) > maxID || int64(e.GID) > maxID:
		return fmt.Errorf("layer entry /%s: owner %d:%d is outside 0 to %d", e.Path, e.UID, e.GID, int64(maxID))
	}
	switch e.Kind {
	case Dir:
		return nil
	case File:
		if e.Size < 0 || e.Open == nil {
			return fmt.Errorf("layer entry /%s: a file needs bytes: size %d, Open given: %t", e.Path, e.Size, e.Open != nil)
		}
		return nil
	case Symlink:
		return checkTarget(e)
	case Whiteout:
		if base := path.Base(e.Path); len(whiteoutPrefix+base) > maxPart {
			return refusal.New("/"+e.Path, "its name is too long to be removed by a layer", "use a base without it")
		}
		return nil
	}
	return fmt.Errorf("layer entry /%s: kind %q is none that a layer holds", e.Path, byte(e.Kind))
}

func checkTarget(e *Entry) error {
	cause := ""
	switch {
	case e.Target == "":
		cause = "the link points to nothing"
	case !utf8.ValidString(e.Target):
		cause = "the link's target is not UTF-8, and layers hold no other"
	case strings.IndexByte(e.Target, 0) >= 0:
		cause = "the link's target has a NUL byte"
	case len(e.Target) > maxPath:
		cause = fmt.Sprintf("the link's target has %d bytes, Linux holds %d", len(e.Target), maxPath)
	default:
		return nil
	}
	return refusal.New(origin(e), cause, "mend or remove the link")
}
