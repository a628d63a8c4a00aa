"""Run in an Odoo shell: the company of the demo and of the tests. ``env`` is given."""

canada = env.ref("base.ca")
ontario = env.ref("base.state_ca_on")
company = env.company
company.partner_id.write(
    {
        "country_id": canada.id,
        "state_id": ontario.id,
        "street": "100 King St W",
        "city": "Toronto",
        "zip": "M5X 1A9",
    }
)
company.write({"name": "NexaSystems Inc.", "country_id": canada.id})
env["account.chart.template"].try_loading("ca_2023", company)
for language in ("en_CA", "fr_CA"):
    env["res.lang"]._activate_lang(language)
# What a Canadian reads: $25.00 and 2026-04-01.
(env.ref("base.CAD") | env.ref("base.USD")).position = "before"
(env.user.partner_id | env.ref("base.partner_admin") | company.partner_id).lang = "en_CA"
if (company.currency_id.name, company.chart_template) != ("CAD", "ca_2023"):
    raise SystemExit("The Canadian chart of accounts was not loaded.")
env.cr.commit()
