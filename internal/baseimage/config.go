package baseimage

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// imageConfig is what Read needs of an image's configuration (image-spec, "Image Configuration").
type imageConfig struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
	Variant      string `json:"variant"`
	Config       struct {
		Env []string `json:"Env"`
	} `json:"config"`
	RootFS struct {
		DiffIDs []string `json:"diff_ids"`
	} `json:"rootfs"`
}

func parseConfig(raw []byte) (*imageConfig, error) {
	c := &imageConfig{}
	if err := json.Unmarshal(raw, c); err != nil {
		return nil, &refusal.Error{Input: "base configuration", Cause: "it cannot be read", Err: err}
	}
	if c.OS != "" && c.OS != "linux" {
		return nil, refusal.New("base configuration", fmt.Sprintf("it is an image for %.40q", c.OS), "choose a base for linux")
	}
	c.OS = "linux"
	return c, nil
}

// env is the value of a variable; of several the last counts, as for runtimes.
func (c *imageConfig) env(name string) (value string, ok bool) {
	for _, kv := range c.Config.Env {
		if k, v, found := strings.Cut(kv, "="); found && k == name {
			value, ok = v, true
		}
	}
	return value, ok
}

// defaultPath is what runtimes set where the image sets no PATH.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// path is the folders of PATH, absolute ones only: a relative one depends on the working directory.
func (c *imageConfig) path() []string {
	value, ok := c.env("PATH")
	if !ok {
		value = defaultPath
	}
	var out []string
	for dir := range strings.SplitSeq(value, ":") {
		if strings.HasPrefix(dir, "/") {
			out = append(out, dir)
		}
	}
	return out
}

// pythonMachine is the architecture's name in Python (PEP 508, platform_machine), empty if unknown.
func (c *imageConfig) pythonMachine() string {
	switch c.Architecture {
	case "amd64":
		return "x86_64"
	case "arm64":
		return "aarch64"
	case "386":
		return "i686"
	case "arm":
		switch c.Variant {
		case "v5":
			return "armv5tel"
		case "v6":
			return "armv6l"
		}
		return "armv7l"
	case "loong64":
		return "loongarch64"
	case "ppc64le", "s390x", "riscv64":
		return c.Architecture
	}
	return ""
}
