package main

import (
	"context"
	"errors"
	"log"
	"maps"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets this test's own binary be layerpack, so that scripts run the whole program as
// a process: its own arguments, environment, working folder, signals and exit code.
func TestMain(m *testing.M) {
	if err := os.Setenv("GORACE", raceAtOnce); err != nil {
		log.Fatal(err)
	}
	testscript.Main(m, map[string]func(){"layerpack": main, "layerpack-as-nobody": asNobody})
}

// raceAtOnce ends a process under the race detector at once; it would sleep for a second.
const raceAtOnce = "atexit_sleep_ms=0"

// asNobody is layerpack run by someone whom file permissions bind, whoever runs the tests.
func asNobody() {
	const nobody = 65534
	if os.Getuid() == 0 {
		if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(nobody), syscall.Setuid(nobody)); err != nil {
			log.Fatalf("becoming nobody: %v", err)
		}
	}
	main()
}

// TestScript runs testdata/script: one script for each promise to the user. A script has, beside
// the commands of testscript, those of scriptCommands, and in its environment
//
//	$BASE      a base image, the index of two platforms that fakebase makes
//	$REGISTRY  the registry that has it, as HOST:PORT
//	$OTHER     a second registry, empty
//	$PRIVATE   a third one, which asks for the user "robot" and the password "s3cret"
//	$INDEX     a package index, empty, at http://$INDEX/simple/, which pip is configured for
//	$EXTRA     a second one
//
// With UPDATE_SCRIPTS=1 in the environment, what "cmp" expects is replaced by what came.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                filepath.Join("..", "..", "testdata", "script"),
		Setup:              setup,
		Cmds:               scriptCommands(),
		RequireUniqueNames: true,
		UpdateScripts:      os.Getenv("UPDATE_SCRIPTS") == "1",
		WorkdirRoot:        worldReadable(t),
	})
}

func scriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	commands := map[string]func(*testscript.TestScript, bool, []string){
		"among":      cmdAmong,      // among VARIABLE REF PLATFORM: sets the variable to the image that an index has for it, by its digest
		"base":       cmdBase,       // base REF [KIND]: publishes a base image of a special kind
		"cat":        cmdCat,        // cat REF PATH: prints a file that the image has beside its base
		"complete":   cmdComplete,   // complete REF: pulls all of an image with another program
		"config":     cmdConfig,     // config REF: prints the image's configuration
		"digest":     cmdDigest,     // digest VARIABLE REF: sets the variable to the image by its digest
		"fails":      cmdFails,      // fails CODE COMMAND...: runs what must fail and leave nothing
		"forget":     cmdForget,     // forget HOST [blobs]: the registry loses what it had
		"listed":     cmdListed,     // listed REF: prints the index that a tag, or a layout, holds
		"login":      cmdLogin,      // login HOST USER PASSWORD: writes Docker's credentials file
		"lose":       cmdLose,       // lose REF: the registry loses a manifest
		"manifest":   cmdManifest,   // manifest REF: prints the image's manifest
		"mkfifo":     cmdMkfifo,     // mkfifo PATH
		"mksocket":   cmdMksocket,   // mksocket PATH
		"refuse":     cmdRefuse,     // refuse HOST METHOD PATH STATUS CODE: the registry refuses requests ("*": of any method)
		"requests":   cmdRequests,   // requests: lists what the registries were asked since the last call
		"same":       cmdSame,       // same FILE FILE...: all files have the same bytes
		"spoil":      cmdSpoil,      // spoil HOST METHOD PATH TIMES: the registry answers with wrong bytes
		"strict":     cmdStrict,     // strict HOST: the registry refuses manifests whose blobs it has not
		"tamper":     cmdTamper,     // tamper REPOSITORY[:TAG]: makes wrong what it tells of layers
		"tar":        cmdTar,        // tar REF: lists what the image has beside its base
		"tells":      cmdTells,      // tells REPOSITORY: lists what its cache manifest tells of
		"traffic":    cmdTraffic,    // traffic: prints what went over the wire since the last call
		"wheel":      cmdWheel,      // wheel DIR NAME VERSION [key=value...]: makes a wheel
		"wrongfacts": cmdWrongFacts, // wrongfacts REPOSITORY OLD NEW: makes wrong what its cache manifest tells of wheels
	}
	maps.Copy(commands, indexCommands())
	return commands
}

// setup gives a script its registries and keeps the machine's own settings out of it.
func setup(e *testscript.Env) error {
	w := newWorld(e.Defer)
	e.Values[worldKey{}] = w
	e.Setenv("GORACE", raceAtOnce)
	e.Setenv("REGISTRY", w.main.host)
	e.Setenv("OTHER", w.other.host)
	e.Setenv("PRIVATE", w.private.host)
	e.Setenv("BASE", w.main.host+"/prefecthq/prefect:2-python3.11")
	e.Setenv("HOME", filepath.Join(e.WorkDir, ".home"))
	e.Setenv("XDG_CACHE_HOME", filepath.Join(e.WorkDir, ".cache"))
	for _, unset := range []string{"DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "SOURCE_DATE_EPOCH"} {
		e.Setenv(unset, "")
	}
	w.indexEnv(e.Setenv)
	return w.publish(context.Background(), e.Getenv("BASE"), "index")
}

// worldReadable is a folder that a process of another user can reach too.
func worldReadable(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
