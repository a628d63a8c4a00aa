"""Run in an Odoo shell after the addon's installation. ``env`` is given."""

# The first page of a copy would otherwise wait half a minute for its scripts and styles.
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
