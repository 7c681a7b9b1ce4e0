// Package lockfile reads locks, writes them, and selects from them what one image needs.
//
// It reads pylock.toml (PEP 751), uv.lock (version 1) and requirement sets with hashes, and
// writes pylock.toml for any number of environments. Guarantees: nothing is opened, downloaded or
// solved: a selection depends on the lock, the target and the choice alone; a lock that leaves
// open what is meant, such as two entries of one name for one environment, is refused; what
// must be built or fits no tag of the target is refused in one message that lists all of it;
// what is written is the same for the same content, whatever order it came in.
//
// Most callers want [Parse] and [Lock.Select]; [Hashed] for requirements; [Merge] and
// [Write] to make a lock.
package lockfile
