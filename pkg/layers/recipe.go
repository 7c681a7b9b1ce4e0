package layers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"unicode/utf8"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// RecipeFormat is the version of [Recipe] and of the rules by which a recipe becomes bytes.
// A change that alters the bytes of any layer raises it.
const RecipeFormat = 1

// Role says what a layer is for. Layers are ordered by role: what changes most comes last.
type Role string

// The roles, in the order of their layers in an image.
const (
	// RoleRemovals holds all whiteouts of an image and nothing else: a whiteout beside a new
	// folder of the same name leaves old files visible, or breaks the pull.
	RoleRemovals Role = "removals"
	RoleNative   Role = "native-wheels"
	RolePure     Role = "pure-wheels"
	RoleFiles    Role = "files"
	RoleSource   Role = "source"
)

// Recipe names everything that can change a byte of a layer. Its key is the SHA-256 of its
// JSON form, so two equal recipes are the same layer, on any machine and at any time.
type Recipe struct {
	Format  int    `json:"format"`
	Encoder string `json:"encoder"`
	Role    Role   `json:"role"`
	// Target is where wheels are installed; empty for other layers.
	Target json.RawMessage `json:"target,omitempty"`
	Wheels []WheelInput    `json:"wheels,omitempty"`
	Files  []FileInput     `json:"files,omitempty"`
	// Layout lists what the base makes of the folders the layer writes to where that is not a
	// plain folder, 0755 and root's.
	Layout []string `json:"layout,omitempty"`
	// Prioritize is what [Options] has of that name; a path that the layer has not is left out.
	Prioritize []string `json:"prioritize,omitempty"`
}

// Options returns how the layer of the recipe is written, without a tap.
func (r *Recipe) Options() (Options, error) {
	for _, c := range []Compression{Gzip, EStargz, Zstd} {
		if c.Encoder() == r.Encoder {
			return Options{Compression: c, Prioritize: r.Prioritize}, nil
		}
	}
	return Options{}, fmt.Errorf("a layer's recipe names the encoder %q, which this version does not have", r.Encoder)
}

// WheelInput is one wheel of a recipe.
type WheelInput struct {
	File      string `json:"file"`
	SHA256    string `json:"sha256"`
	Requested bool   `json:"requested,omitempty"`
	// DirectURL is what the wheel's direct_url.json (PEP 610) holds as its URL, without user,
	// password and fragment; empty where the layer has no such file.
	DirectURL string `json:"direct_url,omitempty"`
	// LeftOut lists files of the wheel that another wheel's take the place of: path and SHA-256.
	LeftOut []string `json:"leftOut,omitempty"`
	// Part is there where the layer holds only some of the wheel's files.
	Part *Part `json:"part,omitempty"`
}

// Part says which of its files a layer holds of a wheel that is divided among several. The division
// follows from the wheel, where it goes, and the limit.
type Part struct {
	Index int   `json:"index"` // from 1 on
	Of    int   `json:"of"`
	Limit int64 `json:"limit"` // that the parts keep to, in bytes
}

// FileInput is one path of a recipe: a file with the SHA-256 of its bytes, a symlink
// with its target, a removed path, or a folder.
type FileInput struct {
	Path   string `json:"path"`
	Mode   string `json:"mode"`            // octal, as in "0644"
	Owner  string `json:"owner,omitempty"` // "UID:GID" where it is not root's
	SHA256 string `json:"sha256,omitempty"`
	Link   string `json:"link,omitempty"`
	// Removed says that the path is taken out of the base.
	Removed bool `json:"removed,omitempty"`
}

// Key identifies a [Recipe]: "sha256:" and 64 hex digits.
type Key string

// Key returns the SHA-256 of the recipe's JSON form. A recipe with text that is not UTF-8
// has none: JSON would write it like another.
func (r *Recipe) Key() (Key, error) {
	if s, ok := r.notUTF8(); ok {
		return "", fmt.Errorf("making a layer's key: %q is not UTF-8", s)
	}
	b, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("making a layer's key: %w", err)
	}
	sum := sha256.Sum256(b)
	return Key("sha256:" + hex.EncodeToString(sum[:])), nil
}

// notUTF8 finds a text of the recipe that JSON cannot hold.
func (r *Recipe) notUTF8() (string, bool) {
	text := append([]string{r.Encoder, string(r.Role)}, r.Layout...)
	text = append(text, r.Prioritize...)
	for _, w := range r.Wheels {
		text = append(text, w.File, w.SHA256, w.DirectURL)
	}
	for _, f := range r.Files {
		text = append(text, f.Path, f.Mode, f.Owner, f.SHA256, f.Link)
	}
	for _, s := range text {
		if !utf8.ValidString(s) {
			return s, true
		}
	}
	return "", false
}

// Record is what is known of a layer once it has been built.
type Record struct {
	Key       Key             `json:"key"`
	Digest    v1.Hash         `json:"digest"`
	DiffID    v1.Hash         `json:"diffID"`
	Size      int64           `json:"size"`    // of the blob, in bytes
	TarSize   int64           `json:"tarSize"` // of the uncompressed layer, in bytes
	MediaType types.MediaType `json:"mediaType"`
	// Annotations belong to the layer's descriptor in a manifest; an eStargz layer without
	// them is pulled like any other, but not lazily.
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Descriptor returns the record as a manifest names it (image-spec, "Content Descriptors").
func (r *Record) Descriptor() v1.Descriptor {
	return v1.Descriptor{MediaType: r.MediaType, Digest: r.Digest, Size: r.Size, Annotations: maps.Clone(r.Annotations)}
}
