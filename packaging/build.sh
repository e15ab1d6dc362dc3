#!/bin/sh
# Builds the Debian package in target/debian, and says where. An argument is its version.
set -eu
cd "$(dirname "$0")/.."

features=cli,postgres,postgres-lock,workflow-service
command -v cargo-deb > /dev/null || cargo install --locked cargo-deb
cargo build --release --locked --features "$features" --bin wafflehaus
mkdir -p target/completions
target/release/wafflehaus completions bash > target/completions/wafflehaus.bash
target/release/wafflehaus completions fish > target/completions/wafflehaus.fish
target/release/wafflehaus completions zsh > target/completions/_wafflehaus
cargo deb --quiet --no-build ${1:+--deb-version "$1"}
