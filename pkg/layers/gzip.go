package layers

import "github.com/layerpack/layerpack/pkg/layers/splice"

// gzipFormat is one gzip member.
type gzipFormat struct{ zip *splice.Writer }

func (g *gzipFormat) header(_ *Entry, blocks []byte) error {
	_, err := g.zip.Header(blocks)
	return err
}

func (g *gzipFormat) write(p []byte) error {
	_, err := g.zip.Write(p)
	return err
}

func (g *gzipFormat) join(s *stream) error { return g.zip.Join(s.piece) }

func (g *gzipFormat) part([]byte) error { return nil }

func (g *gzipFormat) joinLarge(s *splice.Large, b *splice.Buffers) error {
	return g.zip.JoinLarge(s, b)
}

func (g *gzipFormat) end(l *layer) error { return l.endTar() }

func (g *gzipFormat) close() error { return g.zip.Close() }

func (g *gzipFormat) abandon() {}

func (g *gzipFormat) annotations(*layer) map[string]string { return nil }
