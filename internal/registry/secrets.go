package registry

import (
	"strings"
	"sync"
)

// maxSecrets bounds what is remembered; a run that refreshes more tokens forgets the oldest.
const maxSecrets = 256

// secrets is every password and token that this run has used, so that text from a server can be
// cleaned of them before it becomes an error.
type secrets struct {
	mu  sync.Mutex
	all []string
}

func (s *secrets) add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		if len(v) >= 3 { // shorter ones would blank out half of every message
			s.all = append(s.all, v)
		}
	}
	if extra := len(s.all) - maxSecrets; extra > 0 {
		s.all = s.all[extra:]
	}
}

func (s *secrets) clean(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.all {
		text = strings.ReplaceAll(text, v, "…")
	}
	return text
}
