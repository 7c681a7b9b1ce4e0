package cache

import (
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers"
)

func TestComment(t *testing.T) {
	r, _ := built(t, layers.Gzip, "x")
	key, digest := string(r.Key), r.Digest.String()
	good := Comment(&r, 5)
	if want := "layerpack/1 key=" + key + " digest=" + digest + " tar=2048 base=5"; good != want {
		t.Errorf("%q, want %q", good, want)
	}
	if s, ok := parseComment(good + " later=1"); !ok || s.base != 5 || s.tarSize != 2048 || s.toc != "" {
		t.Errorf("with a field that is not known: %+v, %v", s, ok)
	}
	star, _ := built(t, layers.EStargz, "x")
	if s, ok := parseComment(Comment(&star, 0)); !ok || s.toc != star.Annotations[tocAnnotation] || s.toc == "" {
		t.Errorf("eStargz: %+v, %v", s, ok)
	}
	for _, bad := range []string{
		"", "layerpack/1", "layerpack/1 ", "layerpack/10" + good[len(schema):], "x " + good, good + " ", good + " base=5", good + " toc=", good + " toc=x",
		strings.Replace(good, "tar=2048", "tar=-1", 1), strings.Replace(good, "tar=2048", "tar=02048", 1), strings.Replace(good, "tar=2048", "tar=9223372036854775808", 1),
		strings.Replace(good, "base=5", "base=", 1), strings.Replace(good, "base=5", "base=2147483648", 1), strings.Replace(good, " base=5", "", 1),
		strings.Replace(good, "key=sha256:", "key=sha512:", 1), strings.Replace(good, digest, strings.ToUpper(digest), 1), strings.Replace(good, digest, digest[:70], 1),
		good + " x=" + strings.Repeat("x", maxComment), strings.ReplaceAll(good, " ", "\n"),
	} {
		if s, ok := parseComment(bad); ok {
			t.Errorf("%q was read: %+v", bad, s)
		}
	}
}

// Annotations that a comment cannot carry leave no comment: half a record would be a wrong one.
func TestNoComment(t *testing.T) {
	star, _ := built(t, layers.EStargz, "x")
	for name, spoil := range map[string]func(map[string]string){
		"one more":      func(a map[string]string) { a["x"] = "y" },
		"no size":       func(a map[string]string) { delete(a, sizeAnnotation) },
		"another size":  func(a map[string]string) { a[sizeAnnotation] = "1" },
		"no digest":     func(a map[string]string) { a[tocAnnotation] = "x" },
		"another's two": func(a map[string]string) { delete(a, tocAnnotation); a["x"] = "y" },
	} {
		r := star
		r.Annotations = annotationsOf(star.Annotations[tocAnnotation], star.TarSize)
		if spoil(r.Annotations); Comment(&r, 0) != "" {
			t.Errorf("%s: %q", name, Comment(&r, 0))
		}
	}
}
