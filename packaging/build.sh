#!/bin/sh
# Builds the Debian package in target/debian, and says where. The first argument is its version, the
# others are for `cargo deb`.
set -eu
cd "$(dirname "$0")/.."

features=cli,postgres,postgres-lock,workflow-import,workflow-service
command -v cargo-deb > /dev/null || cargo install --locked cargo-deb
cargo build --release --locked --features "$features" --bin wafflehaus
mkdir -p target/packaging
target/release/wafflehaus completions bash > target/packaging/wafflehaus.bash
target/release/wafflehaus completions fish > target/packaging/wafflehaus.fish
target/release/wafflehaus completions zsh > target/packaging/_wafflehaus
if [ $# -gt 0 ]; then
    version=$1
    shift
    set -- --deb-version "$version" "$@"
fi
cargo deb --quiet --no-build "$@"
