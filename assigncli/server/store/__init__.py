"""The database: tables, the guards that hold the rules inside it, and the queries.

It stores ciphertext and metadata only; key shares live in `assigncli.vault`, private keys in
`assigncli.client.keys`.
"""
