#!/bin/bash
# Who is here, a login, a token, a call with it, and the card that leaves: curl and jq.
#
#     ./who_is_here.sh AUDIENCE [URL]      with a URL, it is called with the token
set -euo pipefail

audience=$1 url=${2-}
socket=${CPS_AGENT_SOCKET:-/run/cps-agent/agent.sock}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A shell cannot ask the kernel who listens; it can see whose socket this is. `cpsctl login` checks both.
case $(stat -c %U "$socket") in
    root | cps-agent | "$(id -un)") ;;
    *) echo "$socket is not the agent's" >&2; exit 1 ;;
esac

# agent METHOD ROUTE [CURL OPTIONS]: prints the answer; a refusal goes to `refusal`, and gives status 1.
refusal=$work/refusal
agent() {
    local method=$1 route=$2 status
    shift 2
    status=$(curl -sS --unix-socket "$socket" -X "$method" -H 'Accept-Language: en' -o "$work/answer" -w '%{http_code}' "$@" \
        "http://localhost/v1$route")
    if [ "$status" -lt 400 ]; then cat "$work/answer"; else mv "$work/answer" "$refusal"; return 1; fi
}
give_up() { jq -r '"\(.title)\n\(.remedy) (\(.code))"' "$refusal" >&2; exit 1; }
json() { agent "$1" "$2" -H 'Content-Type: application/json' --data "$3"; }

agent GET /status | jq -r '"CPS Agent \(.version) on \(.workstation)", (.readers[] | "\(.name): \(.card)")'

login=$(json POST /logins "$(jq -nc --arg audience "$audience" '{$audience}')") || give_up
jq -r '"\(.holder | .given_name + " " + .family_name), PIN tries left: \(.tries_left)"' <<< "$login"
id=$(jq -r .id <<< "$login")
consent=$(jq -r '.last_try_consent // empty' <<< "$login")
while true; do
    if [ -n "$consent" ]; then
        read -rp 'This is the last try, a wrong PIN blocks the card. Go on? [y/N] ' answer < /dev/tty
        [ "$answer" = y ] || { agent DELETE "/logins/$id"; exit 1; }
    fi
    # From the terminal without echo, to curl by a pipe: arguments and environment can be read by others.
    read -rsp 'PIN: ' pin < /dev/tty
    echo
    opened=$(printf %s "$pin" | agent PUT "/logins/$id/pin${consent:+?accept_last_try=$consent}" \
        -H 'Content-Type: application/octet-stream' --data-binary @-) && break
    pin=
    # A person decides about each try, having read how many are left.
    case $(jq -r .code "$refusal") in
        pin_wrong | pin_format | pin_tries_changed | last_try_consent_required) ;;
        *) give_up ;;
    esac
    jq -r '"\(.title); PIN tries left: \(.tries_left // "-")"' "$refusal" >&2
    consent=$(jq -r '.last_try_consent // empty' "$refusal")
done
pin=
session=$(jq -r .session.id <<< "$opened")
if [ "$(jq -r .session.state <<< "$opened")" = profile_required ]; then
    echo "choose a situation first: PUT /v1/sessions/{id}/profile" >&2
    exit 1
fi
jq -r '.session | "session of \(.holder | .given_name + " " + .family_name): \(.scopes | join(" "))"' <<< "$opened"

if [ -n "$url" ]; then
    token=$(json POST "/sessions/$session/tokens" "$(jq -nc --arg audience "$audience" '{$audience}')" | jq -r .access_token) ||
        give_up
    # As a file of options on a pipe: the token is no argument that others could read.
    code=$(printf 'header = "Authorization: Bearer %s"\n' "$token" | curl -sS -K - -o /dev/null -w '%{http_code}' "$url")
    echo "$url: $code"
fi

echo "waiting for the card to leave"
over=
while IFS= read -r line; do
    case $line in 'data: '*) ;; *) continue ;; esac
    # `state` lists the sessions that there are; `session` tells what became of one.
    over=$(jq -r --arg id "$session" '
        if .sessions then (if any(.sessions[]; .id == $id) then empty else "before" end)
        elif .id == $id and .state == "ended" then .end_reason else empty end' <<< "${line#data: }")
    [ -z "$over" ] || break
done < <(exec curl -sSN --unix-socket "$socket" http://localhost/v1/events)
kill $! 2> /dev/null || true
echo "over: ${over:-the agent stopped}"

printf 'token=%s' "$(jq -r .access_token <<< "$opened")" |
    agent POST /introspect -H 'Content-Type: application/x-www-form-urlencoded' --data @- | jq -r '"token still good: \(.active)"'
