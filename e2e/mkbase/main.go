//go:build linux

// Command mkbase makes and pushes the base image of the end-to-end test.
//
// It shares no code with layerpack, on purpose: what it writes is Docker's format as the
// specifications and Docker itself have it, and a mistake of layerpack's cannot be here too.
//
//	mkbase build -config FILE -tag TAG -o DIR STAGE...   a layer for what each stage changes
//	mkbase push DIR HOST/REPOSITORY:TAG                  to a registry, plain http
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mkbase:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("want a verb: build or push")
	}
	switch verb, args := args[0], args[1:]; verb {
	case "build":
		flags := flag.NewFlagSet("build", flag.ContinueOnError)
		config := flags.String("config", "", "image config without rootfs, JSON")
		tag := flags.String("tag", "", "name of the index in the layout")
		out := flags.String("o", "", "layout to write")
		if err := flags.Parse(args); err != nil {
			return err
		}
		return build(*config, *tag, *out, flags.Args())
	case "push":
		if len(args) != 2 {
			return errors.New("push: want DIR HOST/REPOSITORY:TAG")
		}
		host, rest, _ := strings.Cut(args[1], "/")
		repository, tag, ok := strings.Cut(rest, ":")
		if !ok {
			return fmt.Errorf("push: %s has no host, repository and tag", args[1])
		}
		return push(args[0], "http://"+host+"/v2/"+repository, tag)
	default:
		return fmt.Errorf("unknown verb %q", verb)
	}
}
