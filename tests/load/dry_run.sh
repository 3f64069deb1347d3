#!/usr/bin/env bash
# What Binder would build, told by repo2docker without an engine: tests/load/dry_run.sh [PYTHON]
# Says which Python, and fails if the pins or what follows the build would not be used.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git clone --quiet "$(dirname "$0")/../.." "$folder/repository"
"${1:-python3.11}" -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet jupyter-repo2docker
cd "$folder/repository"
"$folder/env/bin/jupyter-repo2docker" --debug --no-build --no-run . > "$folder/told" 2>&1
grep "Building conda environment" "$folder/told"
grep -F 'pip install --no-cache-dir -r "binder/requirements.txt"' "$folder/told"
grep -F "RUN ./binder/postBuild" "$folder/told"
