package assemble

import (
	"context"
	"encoding/json"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/pkg/layers"
)

// openFile opens a base that lies on this machine: a layout or an archive.
func (r *run) openFile(ctx context.Context, b *origin) error {
	open := registry.OpenOCIArchive
	switch r.build.Base.Kind {
	case spec.OCILayout:
		layout, err := registry.OpenLayout(r.build.Base.Path)
		b.source = layout
		return err
	case spec.DockerArchive:
		open = registry.OpenDockerArchive
	}
	archive, err := open(ctx, r.build.Base.Path, r.archiveOptions())
	if err != nil {
		return room(err, "set --cache-dir or TMPDIR to a folder with more of it")
	}
	b.source = archive
	b.open = append(b.open, archive)
	return nil
}

// archiveOptions let an archive keep what it must compress: docker save writes layers as plain tars.
func (r *run) archiveOptions() registry.ArchiveOptions {
	return registry.ArchiveOptions{
		Stdin: r.host.Stdin,
		Spool: func() (registry.Spool, error) { return r.store.Spool() },
		Known: r.record,
		Keep: func(rec *layers.Record) {
			if raw, err := json.Marshal(rec); err == nil {
				r.keep("records", string(rec.Key), raw)
			}
		},
		Forget: func(k layers.Key) {
			if err := r.store.Delete("records", string(k)); err != nil {
				r.say(progress.Detail, "%v", err)
			}
		},
		Encoding: func(size int64) {
			r.say(progress.Step, "compressing a layer of the base (%s)", progress.Size(size))
		},
	}
}
