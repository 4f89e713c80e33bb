"""The sentences on private keys, their places, and what they sealed or signed."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_
from assigncli.words.form import Catalogue

KEYS: Final[Catalogue] = {
    "payload_altered": (
        N_("The assignment's encrypted record was altered or does not belong here."),
        N_("Do not rely on this assignment. Tell the coordinator who sent it."),
    ),
    "wrap_altered.not_for_you": (
        N_("The assignment's sealed key was altered or is not meant for you."),
        N_("Ask the coordinator who sent the assignment to seal it to you again."),
    ),
    "encrypted_payload_non_empty": (
        N_("There is nothing to send: the sensitive record is empty."),
        N_("Fill in the record, then try again."),
    ),
    "key_file_damaged": (
        N_("The stored private key is damaged."),
        N_("Restore it from your copy, or ask an administrator for a new certificate."),
    ),
    "key_file_damaged.file": (
        N_("The private key file is damaged, or is not a key file."),
        N_("Restore it from your copy, or ask an administrator for a new certificate."),
    ),
    "organization_key_altered": (
        N_("The organisation's key was altered or is not sealed to you."),
        N_("Ask an administrator to seal it to you again."),
    ),
    "organization_value_altered": (
        N_("A sealed setting was altered or does not belong here."),
        N_("Enter it again, a notification address with assign member notify and the handle."),
    ),
    "passphrase_wrong": (
        N_("The passphrase does not open the private key."),
        N_("Check the passphrase, and run the command again."),
    ),
    "passphrase_empty": (
        N_("The passphrase is empty."),
        N_("Choose a passphrase of several words."),
    ),
    "memory_short": (
        N_("There is not enough memory to unlock the private key."),
        N_("Close other programs, then try again."),
    ),
    "public_key_invalid": (
        N_("A public key is not a usable key."),
        N_("Do not go on. Ask an administrator to check the member's certificate."),
    ),
    "key_file_unusable": (
        N_("The private key file cannot be read or written."),
        N_("Check the disk and the permissions of {folder}, which holds your keys."),
    ),
    "key_file_unsafe": (
        N_("The private key file, or its folder, is open to others."),
        N_("Make both yours alone: mode 700 for {folder} and 600 for the file in it."),
    ),
    "key_place_wrong": (
        N_("The organisation's root key is never kept without protection."),
        N_("Keep it in the system's key store, or in a passphrase-protected file."),
    ),
    "kit_differs": (
        N_("This is the key kit of another organisation."),
        N_("Look for the kit that was printed for the organisation of this profile."),
    ),
    "kit_wrong.count": (
        N_("The key kit has {count} groups, and another number was given."),
        N_("Type every group on the paper, each on a line of its own."),
    ),
    "kit_wrong.group": (
        N_("Group {group} of the key kit is not right: a digit is wrong or missing."),
        N_("Compare group {group} with the paper digit by digit, and type it again."),
    ),
    "kit_wrong.whole": (
        N_("Each group is right by itself, but they do not belong to one key kit."),
        N_("Check that all groups are from the same paper, and type them again."),
    ),
    "keys_there_already": (
        N_("The keys are in the key store of this machine already."),
        N_("Nothing needs to be done."),
    ),
    "not_all_resealed": (
        N_("Not everything that is open could be sealed again: {count} left."),
        N_("Run the same command on a device that can read them, or ask who sent them."),
    ),
    "key_missing": (
        N_("Your private key is not on this machine."),
        N_("Use the machine you joined on, or ask an administrator for a new certificate."),
    ),
    "root_key_missing": (
        N_("The organisation's root key is not on this machine."),
        N_("Use the machine on which it was set up. From the paper, run assign key kit --check."),
    ),
    "keyring_locked": (
        N_("The system's key store is locked."),
        N_("Unlock it, for example by signing in to your desktop, then try again."),
    ),
    "keyring_absent": (
        N_("There is no system key store that can be relied on here."),
        N_("Keep the private key in a passphrase-protected file instead, with --keys file."),
    ),
    "organization_key_missing": (
        N_("The organisation's key is not sealed to you, so no address can be opened."),
        N_("Ask a coordinator or an administrator."),
    ),
    "organization_key_missing.service": (
        N_("The organisation's key is not sealed to the service, so no notification can be sent."),
        N_("Call those whom it concerns, and tell your administrator."),
    ),
    "organization_key_missing.sheet": (
        N_("The organisation's key is not sealed to you, and a sheet needs it."),
        N_("Run assign key reseal on a device that has it or, if there is none, on this one."),
    ),
    "service_key_differs": (
        N_("The service's key beside the store is not the one that the organisation certified."),
        N_("Put back the folder that assign init made beside the store, from your own copy of it."),
    ),
    "passphrase_short": (
        N_("The passphrase is too short."),
        N_("Use at least {count} characters, such as four or five words."),
    ),
    "passphrase_file_empty": (
        N_("The passphrase file is empty."),
        N_("Put the passphrase on its first line."),
    ),
    "passphrase_file_unreadable": (
        N_("The passphrase file cannot be read."),
        N_("Check the path given with --passphrase-file, and that the file is UTF-8 text."),
    ),
    "keyring_absent.here": (
        N_("This machine has no key store that keeps what it is given."),
        N_("Use --keys file, and choose a passphrase."),
    ),
    "service_key_missing": (
        N_("The service's key, which signs the audit log, is not beside the store."),
        N_("Put back the folder {folder} that assign init made, from your own copy of it."),
    ),
    "service_identity_missing": (
        N_("The identity that the sweep acts as is not on this machine."),
        N_("Run the sweep on the machine where the organisation was set up."),
    ),
}
