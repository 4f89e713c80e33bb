"""The half that holds store and vault, and checks what members sign before it is carried out.

Its only private key is the service's. It never holds a member's private key, a secret half or a
payload, never prints, and never reads the clock: every moment is handed in.
"""
