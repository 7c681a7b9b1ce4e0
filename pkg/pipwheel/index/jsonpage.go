package index

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxFiles bounds the files of a page.
const maxFiles = 1 << 20

// parseJSON reads a project's page (PEP 691, 700, 714, 792). base is the page's own address.
func parseJSON(body []byte, base *url.URL) (*listing, error) {
	s := &jsonScanner{b: body}
	l := &listing{}
	files := false
	resolve := newResolver(base)
	err := s.object(func(key []byte) error {
		switch string(key) {
		case "meta":
			return parseMeta(s, l)
		case "project-status":
			return parseStatus(s, l)
		case "files":
			files = true
			return s.array(func() error { return parseJSONFile(s, l, resolve) })
		}
		return s.skip()
	})
	if err == nil {
		err = s.end()
	}
	if err == nil && !files {
		err = errors.New("it has no list of files")
	}
	if err != nil {
		return nil, err
	}
	l.notes = append(l.notes, resolve.notes()...)
	return l, nil
}

func parseMeta(s *jsonScanner, l *listing) error {
	if s.peek() != '{' {
		return s.skip()
	}
	return s.object(func(key []byte) error {
		switch string(key) {
		case "api-version":
			text, err := s.textOr()
			if err != nil {
				return err
			}
			return l.checkVersion(text)
		case "project-status": // where some servers have it
			return parseStatus(s, l)
		}
		return s.skip()
	})
}

// checkVersion refuses other major versions of the API, and notes newer minor ones (PEP 629).
func (l *listing) checkVersion(text string) error {
	major, minor, _ := strings.Cut(text, ".")
	n, err := strconv.Atoi(minor)
	if major != "1" {
		return fmt.Errorf("it is of version %.20q of the Simple API, of which only 1 is understood", text)
	}
	if err == nil && n > 4 {
		l.notes = append(l.notes, fmt.Sprintf("the index speaks version %.20s of the Simple API, newer than 1.4: what is new in it is not understood", text))
	}
	return nil
}

func parseStatus(s *jsonScanner, l *listing) error {
	if s.peek() == '"' {
		var err error
		l.status, err = s.text()
		return err
	}
	if s.peek() != '{' {
		return s.skip()
	}
	return s.object(func(key []byte) (err error) {
		switch string(key) {
		case "status":
			l.status, err = s.textOr()
			return err
		case "reason":
			l.reason, err = s.textOr()
			return err
		}
		return s.skip()
	})
}

func parseJSONFile(s *jsonScanner, l *listing, resolve *resolver) error {
	f := File{}
	address := ""
	var core, old offer
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "filename":
			f.Filename, err = s.textOr()
		case "url":
			address, err = s.textOr()
		case "hashes":
			f.Hashes, err = parseHashes(s)
		case "requires-python":
			f.RequiresPython, err = s.shared()
		case "size":
			f.Size, err = parseSize(s)
		case "upload-time":
			var text string
			text, err = s.textOr()
			f.Uploaded = uploadTime(text)
		case "yanked":
			f.Yanked, f.YankedReason, err = parseYanked(s)
		case "core-metadata":
			core, err = parseOffer(s)
		case "dist-info-metadata", "data-dist-info-metadata":
			old, err = parseOffer(s)
		default:
			err = s.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(l.files) == maxFiles {
		return fmt.Errorf("it lists more than %d files", maxFiles)
	}
	if !core.said {
		core = old
	}
	f.HasMetadata, f.MetadataSHA256 = core.has, core.sha256
	if resolve.file(&f, address) {
		l.files = append(l.files, f)
	}
	return nil
}

// offer is what an index says of metadata beside a file.
type offer struct {
	said, has bool
	sha256    string
}

func parseOffer(s *jsonScanner) (offer, error) {
	if s.peek() == '{' {
		hashes, err := parseHashes(s)
		return offer{true, true, File{Hashes: hashes}.SHA256()}, err
	}
	word, err := s.word()
	return offer{said: word != "null", has: word == "true"}, err
}

// parseHashes reads an object of algorithm and digest; those that cannot be computed are left out.
func parseHashes(s *jsonScanner) (hashes []Hash, err error) {
	if s.peek() != '{' {
		return nil, s.skip()
	}
	err = s.object(func(key []byte) error {
		if digestLen(string(key)) == 0 {
			return s.skip()
		}
		digest, err := s.textOr()
		if err != nil {
			return err
		}
		h, err := makeHash(algorithmName(key), digest)
		if err != nil {
			return fmt.Errorf("a hash: %w", err) // one that is none must not become "no hash to check"
		}
		hashes = append(hashes, h)
		return nil
	})
	return sortHashes(hashes), err
}

// algorithmName spares a copy for each file.
func algorithmName(key []byte) string {
	if string(key) == "sha256" {
		return "sha256"
	}
	return string(key)
}

func parseSize(s *jsonScanner) (int64, error) {
	if c := s.peek(); c < '0' || c > '9' {
		return 0, s.skip()
	}
	word, err := s.word()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		return 0, s.fail("a size that is no whole number")
	}
	return n, nil
}

// uploadTime reads a time as PEP 700 wants it. One that is not understood is as if it were not
// said: --exclude-newer leaves the file out.
func uploadTime(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

func parseYanked(s *jsonScanner) (bool, string, error) {
	if s.peek() == '"' {
		reason, err := s.text()
		return true, reason, err
	}
	word, err := s.word()
	return word == "true", "", err
}
