package prefect

import (
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// An argument is one of layerpack's words, as its own parser takes them apart.
type argument struct {
	name  string // the long one, without dashes; "" of a word that belongs to no flag
	value string
}

// on reports whether a flag without a value is set; --json=false is not.
func (f argument) on() bool {
	set, err := strconv.ParseBool(f.value)
	return f.value == "" || err == nil && set
}

// noValue are the flags that take no value. One that is missing here takes the next word for its value, so that what
// follows it goes unjudged, never misjudged.
var noValue = map[string]bool{
	"no-source": true, "strict-record": true, "no-deps": true, "allow-conflicts": true, "break-system-packages": true, "no-prefect": true,
	"ignore-healthchecks": true, "deployments": true, "dry-run": true, "json": true, "no-cache": true, "quiet": true, "verbose": true,
	"no-index": true, "offline": true, "refresh": true, "pre": true, "require-hashes": true, "upgrade": true, "help": true,
}

// Switches are layerpack's flags that are known here to take no value, by their long names.
func Switches() []string { return slices.Sorted(maps.Keys(noValue)) }

// short are the names of one letter.
var short = map[byte]string{'t': "tag", 'o': "output", 'r': "requirement", 'c': "constraint", 'q': "quiet", 'v': "verbose", 'U': "upgrade", 'h': "help"}

// arguments takes words apart: --name=value, --name value, -tVALUE, -t VALUE and -qv. What stands behind -- belongs to no flag.
func arguments(args []string) []argument {
	var out []argument
	for i := 0; i < len(args); i++ {
		w := args[i]
		name, value, is := strings.Cut(strings.TrimPrefix(w, "--"), "=")
		next := func() string {
			if i++; i < len(args) {
				return args[i]
			}
			return ""
		}
		switch {
		case w == "--":
			for _, rest := range args[i+1:] {
				out = append(out, argument{value: rest})
			}
			return out
		case strings.HasPrefix(w, "--"):
			if !is && !noValue[name] {
				value = next()
			}
			out = append(out, argument{name, value})
		case strings.HasPrefix(w, "-") && len(w) > 1:
			for k := 1; k < len(w); k++ {
				name := short[w[k]]
				if name == "" {
					out = append(out, argument{value: w})
					break
				}
				if noValue[name] {
					out = append(out, argument{name: name})
					continue
				}
				value := strings.TrimPrefix(w[k+1:], "=")
				if k+1 == len(w) {
					value = next()
				}
				out = append(out, argument{name, value})
				break
			}
		default:
			out = append(out, argument{value: w})
		}
	}
	return out
}

// values returns what a flag is given, in its order.
func values(of []argument, name string) []string {
	var out []string
	for _, f := range of {
		if f.name == name {
			out = append(out, f.value)
		}
	}
	return out
}

// sorted are the words in an order of their own: among those of one flag the order counts, between flags it does not.
func sorted(args []string) []string {
	all := arguments(args)
	sort.SliceStable(all, func(i, j int) bool { return all[i].name < all[j].name })
	out := make([]string, len(all))
	for i, f := range all {
		out[i] = f.name + "=" + f.value
	}
	return out
}
