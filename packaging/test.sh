#!/bin/bash
# Builds the Debian package, and installs, upgrades, removes and purges it in a clean Debian.
#
# Needs root, and debootstrap. DEBIAN_MIRROR names a mirror; KEEP=1 leaves the folder; BUILD names
# another script that builds.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
has() { grep -qF -- "$2" <<< "$1" || fail "no \"$2\" in: $1"; }

folder=$(mktemp -d)
root=$folder/root
clean_up() { if [ -n "${KEEP:-}" ]; then echo "$folder"; else rm -rf "$folder"; fi; }
trap clean_up EXIT

step "build"
build=${BUILD:-packaging/build.sh}
# Each replaces the one before in `target`.
cp "$("$build" "0.0.1~test1-1")" "$folder/1.deb"
cp "$("$build" "0.0.1~test2-1" --fast)" "$folder/2.deb"
cp "$("$build" "0.0.1~test3-1" --fast)" "$folder/3.deb"
first=$folder/1.deb
stat -c 'package: %s bytes' "$first"
dpkg-deb --field "$first" Installed-Size Depends
if command -v lintian > /dev/null; then
    # Both would need the address of somebody.
    lintian --allow-root --fail-on error --suppress-tags malformed-contact,no-changelog "$first" || fail "lintian"
else
    echo "SKIPPED: no lintian"
fi

step "a clean Debian"
debootstrap --variant=minbase --include=adduser,systemd bookworm "$root" ${DEBIAN_MIRROR:-} \
    > "$folder/log" 2>&1 || { tail -n 5 "$folder/log"; fail "debootstrap"; }
cp "$folder"/[123].deb "$root/"
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@" 2>&1; }
version() { in_root dpkg-query --show --showformat '${Status} ${Version}' wafflehaus; }
workflow=/etc/wafflehaus/workflow.toml

step "install"
said=$(in_root dpkg -i /1.deb) || fail "$said"
has "$said" "nothing is started"
has "$(in_root wafflehaus --version)" wafflehaus
[ "$(in_root stat -c '%U:%G %a' /var/lib/wafflehaus)" = "wafflehaus:wafflehaus 750" ] || fail state
[ "$(in_root stat -c '%U:%G %a' /etc/wafflehaus)" = "root:wafflehaus 750" ] || fail configuration
[ "$(in_root stat -c '%U:%G %a %s' /etc/wafflehaus/workflow-key)" = "root:wafflehaus 640 64" ] || fail key
[ -z "$(find "$root/etc/systemd/system" -name 'wafflehaus*')" ] || fail "a service is enabled"
key=$(cat "$root/etc/wafflehaus/workflow-key")

step "what is not configured says so"
said=$(in_root wafflehaus check /etc/wafflehaus/gateway.toml) && fail "the gateway is configured"
has "$said" "1 mistake"
has "$said" "password_file"
said=$(in_root wafflehaus workflow check --config $workflow) && fail "the workflow is configured"
has "$said" "1 mistake"
has "$said" "keystone.password_file: the file cannot be read"

step "units"
units=$(cd "$root/usr/lib/systemd/system" && ls wafflehaus*)
for unit in $units; do
    said=$(systemd-analyze --root="$root" verify "/usr/lib/systemd/system/$unit" 2>&1 || true)
    grep "$unit" <<< "$said" && fail "$unit"
    in_root systemd-analyze security --offline=true "/usr/lib/systemd/system/$unit" | tail -n 1
done

step "configure, and upgrade"
echo "a secret" > "$root/etc/wafflehaus/keystone-password"
in_root chown root:wafflehaus /etc/wafflehaus/keystone-password
chmod 640 "$root/etc/wafflehaus/keystone-password"
has "$(in_root wafflehaus check /etc/wafflehaus/gateway.toml)" "no mistakes"
has "$(in_root wafflehaus workflow check --config $workflow)" "good"
sed -i 's/^workers = 4/workers = 5/' "$root$workflow"
said=$(in_root dpkg -i /2.deb) || fail "$said"
has "$said" "were at version 0, and are now at version"
[ "$(in_root stat -c '%U %a' /var/lib/wafflehaus/workflow.db)" = "wafflehaus 600" ] || fail database
has "$(cat "$root$workflow")" "workers = 5"
[ "$(cat "$root/etc/wafflehaus/workflow-key")" = "$key" ] || fail "the key has changed"
grep -qF "a secret" <<< "$said" && fail "a secret is told"

step "configuring again changes nothing"
said=$(in_root /var/lib/dpkg/info/wafflehaus.postinst configure "0.0.1~test2-1") || fail "$said"
has "$said" "are up to date"

step "a database that cannot be brought up to date fails the upgrade"
mkdir "$folder/kept"
# What was written last may be in the files beside it.
mv "$root"/var/lib/wafflehaus/workflow.db* "$folder/kept/"
echo "this is no database, and long enough to be told from one" > "$root/var/lib/wafflehaus/workflow.db"
said=$(in_root dpkg -i /3.deb) && fail "the upgrade went well"
has "$said" "could NOT be brought up to date"
has "$(version)" "half-configured 0.0.1~test3-1"
rm -f "$root"/var/lib/wafflehaus/workflow.db*
mv "$folder"/kept/* "$root/var/lib/wafflehaus/"
said=$(in_root dpkg --configure wafflehaus) || fail "$said"
has "$said" "are up to date"
has "$(version)" "install ok installed 0.0.1~test3-1"

step "a configuration with a mistake does not"
echo 'workrs = 1' | cat - "$root$workflow" > "$folder/text" && cat "$folder/text" > "$root$workflow"
said=$(in_root /var/lib/dpkg/info/wafflehaus.postinst configure "0.0.1~test2-1") || fail "$said"
has "$said" 'there is no key `workrs`; did you mean `workers`?'
sed -i 1d "$root$workflow"

step "remove, and install again"
said=$(in_root dpkg --remove wafflehaus) || fail "$said"
[ -e "$root/usr/bin/wafflehaus" ] && fail "the program is there"
[ -e "$root/var/lib/wafflehaus/workflow.db" ] || fail "the database is gone"
[ -e "$root$workflow" ] || fail "the configuration is gone"
said=$(in_root dpkg -i /3.deb) || fail "$said"
has "$said" "are up to date"

step "purge"
said=$(in_root dpkg --purge wafflehaus) || fail "$said"
for path in /var/lib/wafflehaus /etc/wafflehaus/workflow-key $workflow /etc/default/wafflehaus; do
    [ -e "$root$path" ] && fail "$path is there"
done
[ -e "$root/etc/wafflehaus/keystone-password" ] || fail "an administrator's file is gone"
said=$(in_root dpkg -i /1.deb && in_root dpkg --purge wafflehaus) || fail "$said"

echo "all is well"
