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

// Why tells the kind of what [Selector.Explain] says in words.
func (s *Selector) Why(r Release, hashes ...Hash) Why {
	files := r.Files()
	found := Broken
	for i := range files {
		var w Why
		switch s.why(&files[i], hashes) {
		case fits:
			return Fits
		case wrongHash:
			w = WrongHash
		case tooNew, undated:
			w = TooNew
		case wrongPython:
			w = WrongPython
		case wrongTags:
			w = WrongTags
		case noWheel:
			w = OnlySource
		default:
			w = Broken
		}
		if i == 0 || w < found {
			found = w
		}
	}
	return found
}
