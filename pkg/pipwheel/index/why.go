package index

// Why is the kind of reason for which a release has no wheel for an image.
type Why int

// The kinds, in the order in which they are told where several hold: what comes nearest to fitting first.
const (
	Fits        Why = iota
	WrongHash       // none of the hashes that are allowed
	TooNew          // uploaded after --exclude-newer, or not dated
	WrongPython     // Requires-Python
	WrongTags       // wheels for other interpreters or platforms
	Broken          // names that are no wheels', or no files at all
	OnlySource      // source distributions alone
)

// kind is what users of the package are told of a verdict.
func (v verdict) kind() Why {
	switch v {
	case fits:
		return Fits
	case wrongHash:
		return WrongHash
	case tooNew, undated:
		return TooNew
	case wrongPython:
		return WrongPython
	case wrongTags:
		return WrongTags
	case noWheel:
		return OnlySource
	}
	return Broken
}
