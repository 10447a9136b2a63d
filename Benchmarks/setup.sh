#!/usr/bin/env bash
# Builds the load clients into $BENCH_HOME (default ~/.cache/millrace-bench): librdkafka's own load
# program from Debian's source package, our load.c, and a Python environment for administration.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../Tools/setup"
home=${BENCH_HOME:-$HOME/.cache/millrace-bench}
exec </dev/null

if [ -x "$home/rdkafka_performance" ] && [ -x "$home/load" ] &&
    [ "$home/load" -nt "$here/load.c" ] && [ -x "$home/venv/bin/python" ]; then
    echo "ready: $home"
    exit 0
fi

require_packages build-essential dpkg-dev libssl-dev libzstd-dev liblz4-dev zlib1g-dev python3-venv
mkdir -p "$home/apt/lists/partial" "$home/src"

if [ ! -x "$home/rdkafka_performance" ]; then
    # Source packages by a list of our own, made from the machine's lists of binary packages.
    list="$home/apt/source.list"
    sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$list" 2>/dev/null || true
    if [ ! -s "$list" ]; then
        list="$home/apt/source.sources"
        sed 's/^Types: .*/Types: deb-src/' /etc/apt/sources.list.d/*.sources >"$list"
    fi
    apt=(apt-get -q -o "Dir::Etc::sourcelist=$list" -o Dir::Etc::sourceparts=/dev/null
        -o "Dir::State::lists=$home/apt/lists" -o APT::Sandbox::User=root)
    "${apt[@]}" update >/dev/null
    cd "$home/src"
    rm -rf librdkafka*
    "${apt[@]}" source --download-only librdkafka >/dev/null
    tar xzf librdkafka_*.orig.tar.gz
    cd librdkafka-*/
    {
        ./configure --disable-sasl --disable-curl
        make -j"$(nproc)" libs
        make -C examples rdkafka_performance
    } >"$home/build.log" 2>&1 || fail "librdkafka does not build; see $home/build.log"
    cp examples/rdkafka_performance "$home/"
fi

cd "$home"/src/librdkafka-*/
gcc -O2 -Wall -I src -o "$home/load" "$here/load.c" src/librdkafka.a \
    -lm -lz -lzstd -llz4 -lssl -lcrypto -lpthread -ldl

[ -x "$home/venv/bin/python" ] || python3 -m venv "$home/venv"
"$home/venv/bin/pip" -q --disable-pip-version-check install \
    "$(grep ^confluent-kafka "$here/../Tests/StockClients/requirements.txt")"
echo "ready: $home"
