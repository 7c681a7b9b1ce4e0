// Package source reads files and folders of the host and describes them as layer entries.
//
// It guarantees that
//   - nothing outside the given folder is read: every access goes through [os.Root], symlinks
//     are kept verbatim and never followed, and what was replaced between being found and being
//     read is an error ([ErrChanged]), never other bytes under the same name;
//   - what a folder becomes depends on names, bytes, symlink targets and its owner's executable
//     bits alone: not on the order of a directory, umask, owner, mtime, inode or number of cores;
//   - what cannot be in an image layer (sockets, pipes, devices, names a layer reserves) is
//     refused, and whatever a rule leaves out is listed with its rule ([Tree.LeftOut]).
//
// Most callers want [Folder] for a project, with .dockerignore or the built-in excludes applied,
// or [File] for one path the user named, and then [Tree.Hash]. [Wheels], [ReadEnvFile] and
// [ReadFile] read the other files of the host that a command line can name.
package source
