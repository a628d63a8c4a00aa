"""Pilot apps: small real programs on the other side of the billing API. They never import Odoo."""
