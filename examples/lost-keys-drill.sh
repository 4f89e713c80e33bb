#!/bin/sh
# A drill: the coordinator's laptop and a mentor's telephone are lost, and a second administrator
# takes over with the printed key kit. Everybody and everything here is made up, in one new folder,
# each device in a folder of its own:
#
#     lost-keys-drill.sh /tmp/drill with        anne and kari have a second device each
#     lost-keys-drill.sh /tmp/drill without     nobody has
#
# Each step says what it does and what the program answered; the script stops where an answer is not
# the one that is needed. In real life the digits of the kit are on paper and typed by hand, and the
# fingerprints are read out by telephone.
set -eu

work=${1:?name a new folder for the drill}
second=${2:?say with or without second devices}
assign=${ASSIGN:-$HOME/.local/bin/assign}
keys=${KEYS:-file}
examples=$(cd "$(dirname "$0")" && pwd)

umask 077
mkdir "$work"
passphrase=$work/passphrase
store=$work/office/assign.db
echo "a passphrase for the drill" >"$passphrase"

step() { printf '\n%s\n' "$1"; }

# on DEVICE WORDS: run a command on a device.
on() {
    device=$1
    shift
    ASSIGN_HOME=$work/$device LC_ALL=C.UTF-8 "$assign" --lang en --passphrase-file "$passphrase" "$@"
}

# refused DEVICE WORDS: run a command that must be refused.
refused() {
    if on "$@" 2>&1; then
        echo "This should have been refused."
        exit 1
    fi
}

# after LABEL: read what stands after a label.
after() { sed -n "s/^$1: //p" | head -n 1; }

# certificate DEVICE HANDLE: the certificate of a member's first device.
certificate() { on "$1" key list "$2" --json | sed -n 's/.*"certificate_id": "\(.*\)".*/\1/p' | head -n 1; }

# joins DEVICE LINE: ask to join with an invitation, and print the fingerprint.
joins() { on "$1" join "$2" --keys "$keys" | after "Your fingerprint"; }

# new DEVICE HANDLE NAME ROLE: invite somebody on the laptop, let them join, and approve them.
new() {
    line=$(on laptop member invite "$2" --name "$3" --role "$4" | after Invitation)
    on laptop member approve "$2" --role "$4" --fingerprint "$(joins "$1" "$line")"
}

# device BY DEVICE HANDLE: invite a further device of a member, and let it join.
device() {
    line=$(on "$1" member invite "$3" --device | after Invitation)
    joins "$2" "$line"
}

step "1. Anne founds the organisation on her laptop, and prints the key kit."
on laptop init --organization Testforeningen --handle anne --name "Anne Berg" --store "$store" --keys "$keys"
on laptop key kit --reveal 2>/dev/null | sed -n 's/^Group .*: //p' >"$work/paper"
echo "The paper has $(wc -l <"$work/paper" | tr -d ' ') groups of digits."

step "2. Eva coordinates, kari and ola are peer mentors."
new eva-pc eva "Eva Lie" coordinator
new kari-phone kari "Kari Nordmann" peer_mentor
new ola-phone ola "Ola Dunk" peer_mentor

if [ "$second" = with ]; then
    step "3. Anne's tablet is approved with the kit, since nobody else is an administrator; kari's PC by eva."
    digits=$(device laptop tablet anne)
    on laptop member approve anne --fingerprint "$digits" <"$work/paper"
    digits=$(device kari-phone kari-pc kari)
    on eva-pc member approve kari --fingerprint "$digits"
else
    step "3. Nobody has a second device."
fi

step "4. Anne sends a brief to kari and one to ola, eva one to ola; kari opens hers."
on laptop create --to kari --title "Visit one" --payload "$examples/assignment.json" --dispatch
on laptop create --to ola --title "Visit two" --payload "$examples/assignment-two.json" --dispatch
on eva-pc create --to ola --title "Visit three" --payload "$examples/assignment.json" --dispatch
on kari-phone open 1 --reveal >/dev/null

step "5. The laptop and kari's telephone are lost. Bo takes over with the kit, on a new machine."
on bo-pc join --kit "$store" --handle bo --name "Bo Dahl" --coordinator --keys "$keys" <"$work/paper"
rm "$work/paper"

step "6. Bo ends the two lost devices. What the laptop certified, it certified before it was lost."
laptop=$(certificate bo-pc anne)
phone=$(certificate bo-pc kari)
on bo-pc key lost anne --device "$laptop" --cause lost --since 2099-12-31 --yes
on bo-pc key lost kari --device "$phone" --cause lost --yes

step "7. The lost devices open and send nothing any more."
refused laptop create --to ola --title "Visit four" --payload "$examples/assignment.json" --dispatch
refused kari-phone open 1 --reveal

step "8. Kari and anne get a new device each, which bo approves."
digits=$(device bo-pc kari-phone-2 kari)
on bo-pc member approve kari --fingerprint "$digits"
digits=$(device bo-pc laptop-2 anne)
on bo-pc member approve anne --fingerprint "$digits"

step "9. Whoever can still read what is open seals it to the new devices."
if [ "$second" = with ]; then
    on tablet key reseal
    on kari-pc key reseal
fi
on ola-phone key reseal
on eva-pc key reseal

step "10. What can be read now."
on bo-pc status
on ola-phone open 2 --reveal >/dev/null && echo "Ola reads assignment 2."
on ola-phone open 3 --reveal >/dev/null && echo "Ola reads assignment 3."
if [ "$second" = with ]; then
    on kari-phone-2 open 1 --reveal >/dev/null && echo "Kari reads assignment 1 on the new telephone."
else
    refused kari-phone-2 open 1 --reveal
fi
refused ola-phone open 1 --reveal
refused kari-phone open 1 --reveal

step "11. A new brief goes to kari's new telephone, and not to the lost one."
on bo-pc create --to kari --title "Visit five" --payload "$examples/assignment.json" --dispatch
on kari-phone-2 open 4 --reveal >/dev/null && echo "Kari reads assignment 4 on the new telephone."
refused kari-phone open 4 --reveal

step "12. The log is whole, on a device that saw none of it and on one that saw it all."
on bo-pc audit verify
on eva-pc audit verify
