#!/bin/bash
# The health check of sqld: `bash sqld-health.sh HOST:PORT SECONDS` exits with 0 when a write comes through.
#
# It takes the write lock and gives it back, which changes nothing. sqld's own /health is green even when no write comes
# through any more, and Docker restarts only what has ended. So when sqld accepts connections but no write for that many
# seconds, it is killed, and its container starts again (init: true, restart: unless-stopped). Every commit is on the disk,
# so killing it loses none. A transaction that stands still keeps the lock for 5 seconds at most; one statement that writes
# for longer than SECONDS, as in a migration of very much data, needs more of them.
set -u
host=${1%:*} port=${1##*:} patience=$2

body='{"requests":[{"type":"execute","stmt":{"sql":"begin immediate"}},{"type":"execute","stmt":{"sql":"rollback"}},{"type":"close"}]}'
request="POST /v2/pipeline HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${#body}\r\n\r\n$body"
all_ok='*"type":"ok"*"type":"ok"*"type":"ok"*'

# Returns 0 when a write came through within so many seconds.
writes() {
  local line
  # Nothing listens yet, or no more: that is for whoever starts it.
  exec 3<>"/dev/tcp/$host/$port" || exit 1
  printf '%b' "$request" >&3
  while read -r -t "$1" line <&3 || [[ -n $line ]]; do
    # shellcheck disable=SC2053
    [[ $line == $all_ok ]] && return 0
    [[ $line == *'"results"'* ]] && break
  done
  exec 3>&-
  return 1
}

for ((left = patience; left > 0; left = patience - SECONDS)); do
  writes $((left < 10 ? left : 10)) && exit 0
  sleep 0.2
done

echo "No write came through for $patience seconds; sqld is ended."
for process in /proc/[0-9]*; do
  { mapfile -d '' -t words <"$process/cmdline"; } 2>/dev/null || continue
  if [[ ${words[0]-} == */sqld && " ${words[*]} " == *" --http-listen-addr "[^\ ]*":$port "* ]]; then
    kill -KILL "${process#/proc/}"
  fi
done
exit 1
