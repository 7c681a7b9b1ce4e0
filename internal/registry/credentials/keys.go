package credentials

import "strings"

// hub is what Docker Hub is called here, hubKey what docker calls it in its file and asks helpers for.
const (
	hub    = "docker.io"
	hubKey = "https://index.docker.io/v1/"
)

// canonical brings the forms that a registry, or a part of one, has in auth files to one:
// "https://Host/v1/" is "host", and all names of Docker Hub are docker.io.
func canonical(key string) string {
	if _, rest, ok := strings.Cut(key, "://"); ok {
		key = rest
	}
	key = strings.TrimRight(key, "/")
	host, path, _ := strings.Cut(key, "/")
	host = strings.ToLower(host)
	switch host {
	case "index.docker.io", "registry-1.docker.io":
		host = hub
	}
	if path == "" || path == "v1" || path == "v2" {
		return host
	}
	return host + "/" + path
}

// written is the key under which docker keeps a registry.
func written(canonical string) string {
	if canonical == hub {
		return hubKey
	}
	return canonical
}
