"""Reads cases, one JSON object a line, and writes what pip makes of each one's files, variables and flags."""

import contextlib
import io
import json
import os
import sys
import urllib.parse

from pip._internal.commands import create_command
from pip._internal.models.search_scope import SearchScope
from pip._vendor.requests.utils import get_netrc_auth


def place(text):
    return text if urllib.parse.urlparse(text).scheme in ("http", "https", "file") else os.path.abspath(text)


def who(host):
    user, password = get_netrc_auth(f"https://{host}/") or ("", "pw")
    return user if password == "pw" else f"{user}:{password}"


def judge(case):
    os.environ.clear()
    os.environ.update(case["env"])
    sys.prefix = case["env"].get("VIRTUAL_ENV") or case["env"].get("CONDA_PREFIX") or os.path.join(os.getcwd(), "nowhere")
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            command = create_command("install")
            options, _ = command.parse_args(case["args"])
            session = command._build_session(options)
    except SystemExit as stop:
        return {"error": f"exit {stop.code}"}
    scope = SearchScope.create(find_links=options.find_links, index_urls=[], no_index=False)
    settings = session.merge_environment_settings("https://index.example/simple/", {}, False, None, None)
    verify = settings["verify"]
    return {
        "index": options.index_url,
        "extra": options.extra_index_urls,
        "links": [place(link) for link in scope.find_links if "://" in link or os.path.exists(link)],
        "noIndex": bool(options.no_index),
        "trusted": options.trusted_hosts,
        "constraints": options.constraints,
        "pre": bool(options.pre),
        "requireHashes": bool(options.require_hashes),
        "priorTo": options.uploaded_prior_to.isoformat() if options.uploaded_prior_to else "",
        "ca": verify if isinstance(verify, str) else "",
        "clientCert": options.client_cert or "",
        "proxy": options.proxy or "",
        "netrc": {host: who(host) for host in ("a.example", "b.example")},
    }


for line in sys.stdin:
    print(json.dumps(judge(json.loads(line))), flush=True)
