package page

import (
	"fmt"
	"strings"
)

// Replace puts body between the markers of the section name in doc, and leaves the rest alone. The
// markers must be there, once and in order.
func Replace(doc, name, body string) (string, error) {
	begin, end := Markers(name)
	before, rest, ok := strings.Cut(doc, begin)
	if !ok || strings.Contains(rest, begin) {
		return "", fmt.Errorf("the page has not exactly one %s", begin)
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok || strings.Contains(after, end) {
		return "", fmt.Errorf("the page has not exactly one %s after %s", end, begin)
	}
	return before + begin + "\n" + strings.Trim(body, "\n") + "\n" + end + after, nil
}

// Markers are the lines around the section name.
func Markers(name string) (begin, end string) {
	return "<!-- bench: " + name + " -->", "<!-- bench: end of " + name + " -->"
}
