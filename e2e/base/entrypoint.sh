#!/bin/bash
# The contract of the official image's entrypoint: shell settings of the user, packages asked for
# at start, then the command given; a login shell where none is.
set -e

if [ -f ~/.bashrc ]; then
  . ~/.bashrc
fi

if [ -n "$EXTRA_PIP_PACKAGES" ]; then
  # One package a word, as in the official image.
  # shellcheck disable=SC2086
  pip install $EXTRA_PIP_PACKAGES
fi

if [ $# -eq 0 ]; then
  prefect version || true
  exec bash --login
fi
exec "$@"
