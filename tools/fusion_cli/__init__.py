"""What ``./fusion`` does: one command a file, standard library only.

It owns: fetching Odoo, the Python environment, the throw-away PostgreSQL, databases,
server processes and the checks. It does not own: anything about billing.
"""
