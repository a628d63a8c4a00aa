"""Read-only sources. They return values and never write; the pipeline decides what to do.

Owns: connecting, checking the source's schema, reading, turning rows into values.
Does not own: partners, plans, orders, anything of Odoo. Nothing in here imports Odoo.
"""
