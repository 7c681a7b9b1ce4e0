// Command stargzd is stargz-snapshotter's daemon, the part that Debian's package leaves out: the
// release that Debian packages, behind a socket, with the configuration of the tests.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	snapshots "github.com/containerd/containerd/api/services/snapshots/v1"
	"github.com/containerd/containerd/contrib/snapshotservice"
	"github.com/containerd/stargz-snapshotter/fs/config"
	"github.com/containerd/stargz-snapshotter/service"
	"google.golang.org/grpc"
)

func main() {
	socket := flag.String("socket", "", "`path` of the socket to serve on")
	root := flag.String("root", "", "`folder` of the snapshots")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *socket, *root); err != nil {
		fmt.Fprintln(os.Stderr, "stargzd:", err)
		os.Exit(1)
	}
}

// serve answers containerd until ctx is done. What a file system fetches is what is read of it and
// what the landmark asks for: nothing is fetched in the background, no digest goes unchecked.
func serve(ctx context.Context, socket, root string) error {
	snapshotter, err := service.NewStargzSnapshotterService(ctx, root, &service.Config{
		Config: config.Config{NoBackgroundFetch: true},
	})
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	snapshots.RegisterSnapshotsServer(server, snapshotservice.FromSnapshotter(snapshotter))
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return errors.Join(err, snapshotter.Close())
	}
	context.AfterFunc(ctx, server.GracefulStop)
	return errors.Join(server.Serve(listener), snapshotter.Close())
}
