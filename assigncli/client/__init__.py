"""The half of the program that holds a member's private keys: it verifies, signs and asks.

It reaches the store and the vault only through the server's answers.
"""
