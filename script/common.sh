# Sourced by the scripts beside it: finds a Python, keeps .venv in step with the pinned requirements, shows progress.
# shellcheck shell=bash

# Without bytecode every start takes three times as long.
unset PYTHONDONTWRITEBYTECODE

if [ -t 1 ]; then bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'; else bold='' red='' plain=''; fi

fail() {
  printf '%s\n' "${red}$*${plain}" >&2
  exit 1
}

# step NAME COMMAND...: run it, print its name and how long it took; its output is shown only when it fails.
step() {
  local name=$1 started=$SECONDS log
  shift
  log=$(mktemp)
  printf '  %s%s%s ... ' "$bold" "$name" "$plain"
  if "$@" >"$log" 2>&1; then
    printf '%ss\n' "$((SECONDS - started))"
    rm -f "$log"
  else
    printf '%sfailed%s\n' "$red" "$plain"
    cat "$log" >&2
    rm -f "$log"
    exit 1
  fi
}

# A version manager's shim exists without running, and Debian's python3 may lack venv: only a try tells.
find_python() {
  local name
  for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 /usr/bin/python3 python; do
    if "$name" -c 'import sys, venv, ensurepip, sqlite3, ssl; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s\n' "$name"
      return
    fi
  done
  return 1
}

# pip compiles on one core only. Files that are broken on purpose, as tests of packages are, do not matter.
compile_packages() {
  .venv/bin/python -m compileall -q -j 0 .venv/lib || true
}

# prepare FILE...: a .venv holding exactly what the requirement files pin; at once when they have not changed.
prepare() {
  local python stamp=.venv/.installed wanted
  wanted=$(cksum "$@" script/common.sh)
  if [ -f "$stamp.$1" ] && [ "$(cat "$stamp.$1")" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null; then
    return
  fi
  if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python) ||
      fail "Python 3.11 or later with venv is needed (on Debian and Ubuntu: apt install python3 python3-venv)."
    step "Making .venv with $("$python" --version)" "$python" -m venv --clear .venv
  fi
  local files=()
  for file in "$@"; do files+=(-r "$file"); done
  step "Installing $*" .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile \
    --no-input --require-hashes "${files[@]}"
  step "Compiling" compile_packages
  printf '%s\n' "$wanted" >"$stamp.$1"
}
