"""The database: tables, the guards that hold the rules inside it, and the queries.

It stores only ciphertext and metadata; shares are in `assigncli.server.vault`, private keys in
`assigncli.client.keys`.
"""
