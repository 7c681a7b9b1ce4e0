package fakebase

import (
	"fmt"
	"strings"
)

// Created is the time that the configuration carries.
const Created = "2023-11-14T22:13:20Z"

// config is written by hand: key order, unknown fields (StartInterval, Shell) and a null Cmd are
// what a builder's configuration has, and what editing one must keep.
func config(arch, variant string, diffIDs []string) []byte {
	if variant != "" {
		variant = fmt.Sprintf(`"variant":%q,`, variant)
	}
	return fmt.Appendf(nil, `{"architecture":%q,%s"config":{`+
		`"Env":["PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","LANG=C.UTF-8","PYTHON_VERSION=3.11.9","LC_ALL=C.UTF-8"],`+
		`"Entrypoint":["/usr/bin/tini","-g","--","/opt/prefect/entrypoint.sh"],"Cmd":null,"WorkingDir":"/opt/prefect",`+
		`"Healthcheck":{"Test":["CMD","true"],"Interval":30000000000,"StartInterval":5000000000},`+
		`"Labels":{"io.prefect.python-version":"3.11","maintainer":"help@prefect.io"},`+
		`"OnBuild":null,"Shell":["/bin/bash","-c"]},"created":%q,"history":[`+
		`{"created":%[4]q,"created_by":"/bin/sh -c #(nop) ADD file:fake in / "},`+
		`{"created":%[4]q,"created_by":"ENV PYTHON_VERSION=3.11.9","comment":"buildkit.dockerfile.v0","empty_layer":true},`+
		`{"created":%[4]q,"created_by":"RUN /bin/sh -c make install","comment":"buildkit.dockerfile.v0"},`+
		`{"created":%[4]q,"created_by":"COPY entrypoint.sh ./ # buildkit","comment":"buildkit.dockerfile.v0"},`+
		`{"created":%[4]q,"created_by":"ENTRYPOINT [\"/usr/bin/tini\" \"-g\" \"--\" \"/opt/prefect/entrypoint.sh\"]","comment":"buildkit.dockerfile.v0","empty_layer":true}],`+
		`"os":"linux","rootfs":{"type":"layers","diff_ids":["%s"]}}`,
		arch, variant, Created, Created, strings.Join(diffIDs, `","`))
}
