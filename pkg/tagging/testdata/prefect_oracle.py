"""Answers as Prefect does. Reads one question a line (a JSON list: function, arguments), writes one JSON value a line.

An answer is {"is": value, "valid": whether that is a valid reference}, or {"raises": what} where Prefect itself fails. Runs in an environment with one Prefect.
"""

import datetime
import json
import re
import sys
import types
from unittest import mock

import prefect

MAJOR = int(prefect.__version__.split(".")[0])
REVISION = "0123456789abcdef0123456789abcdef01234567"

if MAJOR == 1:
    import pendulum
    import prefect.storage.docker as storage
    from slugify import slugify
else:
    from prefect.utilities import dockerutils
    from prefect.utilities.slugify import slugify
    if MAJOR == 2:
        import pendulum
        import prefect.deployments.runner as deploying
        from prefect.deployments.runner import DeploymentImage as Image
    else:
        import prefect.docker.docker_image as deploying
        from prefect.docker import DockerImage as Image
    # Prefect 3 asks git in the working directory, and Prefect itself where there is no git.
    prefect.__version_info__ = {"full-revisionid": REVISION}
    dockerutils.subprocess = types.SimpleNamespace()


def stop_clock(text):
    """Makes it be that time for Prefect."""
    moment = datetime.datetime.fromisoformat(text)
    if MAJOR == 3:
        deploying.now = lambda zone: moment
        return
    module = storage if MAJOR == 1 else deploying
    module.pendulum = types.SimpleNamespace(now=lambda zone: pendulum.instance(moment))


def image_name(version, python, flavour):
    return dockerutils.get_prefect_image_name(version, python, flavour or None)


def tag_slug(text):
    return slugify(text, lowercase=False, max_length=128, regex_pattern=r"[^a-zA-Z0-9_.-]+")


def deploy_image(name, tag, namespace, now):
    stop_clock(now)
    deploying.PREFECT_DEFAULT_DOCKER_BUILD_NAMESPACE = types.SimpleNamespace(value=lambda: namespace or None)
    return Image(name, tag or None).reference


def storage_base(version, python):
    major, minor = map(int, python.split("."))
    system = types.SimpleNamespace(platform="linux", version_info=types.SimpleNamespace(major=major, minor=minor))
    with mock.patch.object(storage, "sys", system):
        if "+" in version:
            with mock.patch.object(prefect, "__version__", version):
                made = storage.Docker()
        else:
            made = storage.Docker(prefect_version=version)
    return [made.base_image, made.prefect_version]


def storage_image(registry, name, tag, flow, now):
    stop_clock(now)
    made = storage.Docker(registry_url=registry or None, image_name=name or None, image_tag=tag or None)
    made._build_image = lambda push: None
    made.add_flow(prefect.Flow(flow))
    made.build()
    return made.name


def flow_file(directory, flow):
    return storage.Docker(prefect_directory=directory).add_flow(prefect.Flow(flow))


# The grammar of references (github.com/distribution/reference), and its rule of what is a host.
LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
HOST = re.compile(r"(?:%s(?:\.%s)*|\[(?:[a-fA-F0-9:]+)\])(?::[0-9]+)?" % (LABEL, LABEL))
PATH = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
REST = re.compile(r":[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?@sha256:[0-9a-f]{64}")


def valid(reference):
    if not isinstance(reference, str):
        return False
    host, slash, path = reference.partition("/")
    if slash and (any(c in host for c in ".:") or host == "localhost" or host != host.lower()):
        if not HOST.fullmatch(host):
            return False
    else:
        host, path = "", reference
    name = PATH.match(path)
    if not name or not REST.fullmatch(path, name.end()):
        return False
    return len(host + slash if host else "") + name.end() <= 255


def spellings():
    """How text-unidecode spells each character of the basic plane."""
    import text_unidecode

    return ["" if 0xD800 <= c <= 0xDFFF else text_unidecode.unidecode(chr(c)) for c in range(0x10000)]


def versions():
    from importlib import metadata

    found = {d.metadata["Name"] for d in metadata.distributions()}
    return "Prefect %s, python-slugify %s%s" % (
        prefect.__version__, metadata.version("python-slugify"), ", and Unidecode" if "Unidecode" in found else "")


FUNCTIONS = {
    "slug": slugify, "tag slug": tag_slug, "image name": image_name, "deploy image": deploy_image,
    "storage base": storage_base, "storage image": storage_image, "flow file": flow_file,
    "spellings": spellings, "versions": versions,
}

for line in sys.stdin:
    function, *arguments = json.loads(line)
    try:
        value = FUNCTIONS[function](*arguments)
        answer = {"is": value, "valid": valid(value)}
    except Exception as problem:
        answer = {"raises": "%s: %s" % (type(problem).__name__, problem)}
    sys.stdout.write(json.dumps(answer) + "\n")
