#!/usr/bin/env bash
# Resolve the pins of binder/requirements.txt anew, in an empty environment: tests/load/pin.sh [PYTHON]
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
"${1:-python3.11}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --editable ".[lab,fast]"
{ head -2 binder/requirements.txt; "$folder/bin/python" -m pip freeze --exclude-editable; } > "$folder/pins"
mv "$folder/pins" binder/requirements.txt
rm -rf "$folder"
