# Sourced by the proof commands (simulate, crash, fuzz, load, soak): runs steps one after the other, shows their progress, and writes a report with a verdict.
# STEPS='Workflows|MCP server': only the steps whose title that expression matches. NO_BUILD=1: everything is built.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

begin() { # name, what it is
  name=$1 failed=0 ran=0 started=$SECONDS folder=$PWD/artifacts/$1
  mkdir -p "$folder"
  report=$folder/report.md
  {
    echo "# eng/$name"
    echo
    echo "$2. $(date -u +%Y-%m-%dT%H:%MZ), commit $(git rev-parse --short HEAD)$(git diff --quiet HEAD 2>/dev/null || echo ' with changes'), $(awk -F': ' '/^model name/ {print $2; exit}' /proc/cpuinfo 2>/dev/null || uname -m), $(nproc) cores."
    echo
  } > "$report"
}
step() { # title, test project, arguments of its runner...; the environment sets how much
  local title=$1 project=$2 log status=0 at=$SECONDS; shift 2
  [[ $title =~ ^(${STEPS:-.*})$ ]] || return 0
  ran=$((ran + 1))
  log=$folder/$(tr ' /' '--' <<<"$title").log
  echo "eng/$name: $title"
  [ -n "${NO_BUILD:-}" ] || dotnet build "tests/$project" -c Release -v quiet --nologo > "$log" 2>&1 || { cat "$log"; status=1; }
  [ $status != 0 ] || "tests/$project/bin/Release/net10.0/$project" "$@" --output Detailed --show-live-output on --no-progress 2>&1 | tee "$log" | grep -E '^ *[^ ].*( of [0-9]|kills|cuts|inputs|messages|times a database)|^failed|error' || true
  grep -qE '^Test run summary: Passed' "$log" || status=1
  {
    echo "## $title: $([ $status = 0 ] && echo passed || echo FAILED), $((SECONDS - at)) s"
    echo
    # What the tests print of themselves, without the lines of progress.
    awk '/^ *Standard output/ { on = 1; next } /^[^ ]/ { on = 0 } on && NF' "$log" | grep -vE ' of [0-9]+ kills$|: [0-9]+ of [0-9]+$' | sed -E 's/^[[:space:]]+/- /' | sort -u || true
    [ $status = 0 ] || { echo '```'; grep -A12 '^failed' "$log" | cut -c1-400 || true; echo '```'; }
    echo
  } >> "$report"
  [ $status = 0 ] || failed=1
}
finish() {
  [ $ran != 0 ] || { echo "eng/$name: no step is named like STEPS='$STEPS'; nothing was run" >&2; exit 2; }
  local verdict=PASSED; [ $failed = 0 ] || verdict=FAILED
  [ -z "${STEPS:-}" ] || verdict+=" (of the steps '$STEPS' alone)"
  echo "**$verdict** after $((SECONDS - started)) s" >> "$report"
  echo "eng/$name: $verdict after $((SECONDS - started)) s; ${report#"$PWD"/}"
  exit $failed
}
