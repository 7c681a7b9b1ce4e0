package main

// What stands on the page beside the figures.

const pageHead = `# Performance

` + "`make bench`" + ` makes this page: everything below is measured in one run on one machine, contenders in turns, and
is worth comparing only with its neighbours. ` + "`BENCH_ROUNDS`" + ` sets the number of rounds, ` + "`BENCH_PARTS`" + ` picks parts
(` + "`layers`, `runs`" + `), ` + "`BENCH_PAGE`" + ` names another file to write. It needs Debian 12 and root, as ` + "`make e2e`" + ` does,
takes its base and wheels from there, and builds its peers (` + "`bench/run.sh`" + `).

A ratio above 1 is slower, or larger, than the reference, which is the row with 1.00 or, in the second part, layerpack.
`

const layersText = `Every contender starts with the wheel files and ends with a blob in a file, the blob's SHA-256 and that of the
tar in it, in a process of its own. layerpack also checks the SHA-256 of every file against the wheel's RECORD, which the others do
not. They inflate with the inflater that belongs to their compressor and write with archive/tar; "tar ready" finds
the tar in memory before the time begins: it neither opens wheels nor inflates. estargz.Build is given a tar in memory that it makes of the wheels while the time counts.
Each blob of the first round is read with other decoders and compared with the wheels, file by file, and later rounds must make the same bytes.

The floor is the least that such a layer can cost: our decoder once over all compressed entries of wheels that are open already, SHA-256 of
as many bytes as the tar has and of the compressed bytes as they lie in the wheels; no third hash for RECORD, nothing encoded, nothing written.
Inflating alone is from memory to memory; all decoded bytes are compared with their CRC-32 after the time has ended.
`

const runsText = `One base with Prefect 2, forty wheels and a flow of 21 files, pushed to Debian's docker-registry on the loopback without TLS: the network costs
next to nothing, CPU and disk decide. CPU time is that of the builder alone, its daemon included, not the registry's.

The others are given the wheels unpacked, before the time begins: none of them installs wheels. layerpack gets the wheels as pip downloads them, checks them against
base and RECORD and installs them while the time counts. crane appends two layers, of the wheels and of the flow, from tars that GNU tar makes of the folders
within the time, then ` + "`crane mutate`" + ` sets environment and working directory; it keeps nothing between runs, so a known base is the same to it.
BuildKit builds a Dockerfile of two ` + "`COPY --link`" + ` with a daemon that keeps running (overlayfs). buildah builds one of two COPY with ` + "`--layers --isolation chroot`" + `.

* cold, base unknown: nothing is kept of earlier runs (layerpack: no cache folder; BuildKit and buildah: pruned), and the repository is new.
* cold, base known: the same after the base was looked at once (` + "`layerpack inspect`" + `, a pull).
* nothing changed: the same command again, to the same tag.
* one file changed: another text in flows.py, to the same tag.
* one file changed, empty cache: as on a new CI runner, to a tag that does not exist; for layerpack alone, which asks the registry what it has.

Every image is pulled and compared with the wheels and the flow, file by file, before its time counts.
`
