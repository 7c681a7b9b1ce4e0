//go:build e2e

package e2e

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// compareConfigs holds our config to that of the same base built by buildah, field by field.
func compareConfigs(t *testing.T, base, theirs, ours image) {
	t.Helper()
	named := map[string][]string{}
	compared := 0
	var walk func(name string, a, b any)
	walk = func(name string, a, b any) {
		x, mapped := a.(map[string]any)
		y, both := b.(map[string]any)
		if mapped && both {
			for _, key := range slices.Sorted(maps.Keys(union(x, y))) {
				walk(name+"."+key, x[key], y[key])
			}
			return
		}
		compared++
		if reflect.DeepEqual(a, b) || empty(a) && empty(b) {
			return
		}
		reason := configDifference(base, name, a, b)
		if reason == "" {
			t.Errorf("config%s: buildah has %v, ours is %v", name, a, b)
		}
		named[reason] = append(named[reason], name)
	}
	walk("", theirs.config, ours.config)
	for _, reason := range slices.Sorted(maps.Keys(named)) {
		t.Logf("%s: %q", reason, named[reason])
	}
	t.Logf("%d fields compared", compared)
	n := len(base.manifest.Layers)
	for _, i := range []image{theirs, ours} {
		if a, b := field(base.config, "rootfs", "diff_ids").([]any), field(i.config, "rootfs", "diff_ids").([]any); len(b) < n || !reflect.DeepEqual(a, b[:n]) {
			t.Errorf("an image whose first DiffIDs are not the base's: %v", b)
		}
	}
}

// configDifference answers the listed reason why a field is another in buildah's config, or "".
func configDifference(base image, name string, theirs, ours any) string {
	text, _ := theirs.(string)
	switch name {
	case ".config.Labels.io.buildah.version":
		if ours == nil {
			return buildahLabel
		}
	case ".config.WorkingDir":
		if text == ours.(string)+"/" {
			return finalSlash
		}
	case ".config.Healthcheck.StartInterval":
		if theirs == nil {
			return noInterval
		}
	}
	for _, own := range []string{".history", ".created", ".rootfs.diff_ids", ".container", ".container_config", ".docker_version", ".parent", ".config.Hostname"} {
		if name == own || strings.HasPrefix(name, own+".") {
			return ownFields
		}
	}
	return ""
}

func union(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// empty reports whether a field says nothing, in whatever form.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return reflect.ValueOf(v).IsZero()
}
