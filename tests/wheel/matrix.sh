#!/usr/bin/env bash
# The wheel in empty environments: each Python, the lowest and the newest versions of what it needs, and beside
# PyRates. In each the lessons run with their solutions, and every answer must be right.
#   tests/wheel/matrix.sh 3.11 3.12 3.13
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3.11 -m venv "$place/tools"
"$place/tools/bin/pip" install --quiet build uv
"$place/tools/bin/python" -m build --wheel --outdir "$place/dist" . >/dev/null
wheel=$(ls "$place"/dist/*.whl)
uv="$place/tools/bin/uv"

check() {  # a name, the environment's Python
  (cd "$place" && WCLAB_SOLUTIONS=1 "$2" "$root/tests/wheel/lessons.py") | sed "s/^/$1: /"
}

python3.11 -c "
import pathlib, tomllib
needs = tomllib.loads(pathlib.Path('pyproject.toml').read_text())['project']['dependencies']
print(*(need.replace('>=', '==') for need in needs), sep='\n')" > "$place/lowest"
touch "$place/newest"

for version in "${@:-3.11}"; do
  for which in lowest newest; do
    [ "$which" = newest ] || [ "$version" = 3.11 ] || continue  # the oldest NumPy knows no newer Python
    env="$place/$version-$which"
    "$uv" venv --quiet --python "$version" "$env"
    "$uv" pip install --quiet --python "$env" --constraint "$place/$which" "$wheel" "nbclient>=0.10" "ipykernel>=6.29"
    check "Python $version, $which" "$env/bin/python"
  done
done

env="$place/pyrates"
"$uv" venv --quiet --python 3.11 "$env"
"$uv" pip install --quiet --python "$env" pyrates
"$uv" pip install --quiet --python "$env" "$wheel" "nbclient>=0.10" "ipykernel>=6.29"
check "beside PyRates" "$env/bin/python"
(cd "$place" && "$env/bin/python" -c "
import pyrates, wclab
pyrates.CircuitTemplate.from_yaml('model_templates.neural_mass_models.wilsoncowan.WC')
print('PyRates still loads its own model')")
