#!/bin/sh
# Any app at all, in curl: from customer to invoice PDF. Safe to run as often as you like.
#   BILLING_URL=https://billing.example.com/api/billing/v1 BILLING_KEY=fbk_… ./app.sh
set -eu

# ask METHOD PATH [JSON]: print the answer; stop at what is refused, with the server's words.
ask() {
    answer=$(curl --silent --show-error --globoff --write-out '\n%{http_code}' --request "$1" \
        --header "Authorization: Bearer $BILLING_KEY" ${3:+--data "$3"} "$BILLING_URL$2")
    status=${answer##*
}
    body=${answer%
*}
    [ "$status" = 200 ] || { echo "$1 $2: $body" >&2; return 1; }
    printf '%s\n' "$body"
}

# field NAME: the first value of a key in the JSON on standard input.
field() {
    grep -o "\"$1\": *\(\"[^\"]*\"\|[0-9]*\)" | head -n 1 | sed 's/^[^:]*: *//; s/"//g'
}

exists() {
    ask GET "$1" >/dev/null 2>&1
}

echo "1. What is sold: 9.00 a month ahead, and 0.02 for each call"
exists /billable_metrics/calls || ask POST /billable_metrics '{"billable_metric": {
    "name": "Calls", "code": "calls", "aggregation_type": "sum_agg", "field_name": "calls"}}' >/dev/null
metric=$(ask GET /billable_metrics/calls | field lago_id)
exists /plans/starter || ask POST /plans '{"plan": {
    "name": "Starter", "code": "starter", "interval": "monthly",
    "amount_cents": 900, "amount_currency": "CAD", "pay_in_advance": true,
    "charges": [{"billable_metric_id": "'"$metric"'", "charge_model": "standard",
                 "properties": {"amount": "0.02"}}]}}' >/dev/null

echo "2. To whom"
ask POST /customers '{"customer": {
    "external_id": "acme", "name": "Acme Inc.", "email": "billing@acme.example",
    "address_line1": "1 King St", "city": "Toronto", "state": "ON", "zipcode": "M5H 1A1",
    "country": "CA", "timezone": "America/Toronto"}}' >/dev/null
ask POST /subscriptions '{"subscription": {
    "external_customer_id": "acme", "external_id": "acme-starter", "plan_code": "starter",
    "subscription_at": "2026-03-01T05:00:00Z"}}' >/dev/null

echo "3. What was used: the id of an event is your own, and counts once"
for day in 10 11 12; do
    ask POST /events '{"event": {
        "transaction_id": "acme-2026-03-'$day'", "external_subscription_id": "acme-starter",
        "code": "calls", "timestamp": "'$((1773154800 + (day - 10) * 86400))'",
        "properties": {"calls": "'$day'0.5"}}}' | field status
done

echo "4. What it comes to so far"
usage=$(ask GET "/customers/acme/current_usage?external_subscription_id=acme-starter")
echo "   $(echo "$usage" | field total_amount_cents) cents with tax"

echo "5. The invoice, once the billing run of the next morning has made it"
invoices=$(ask GET "/invoices?external_customer_id=acme&status[]=finalized")
invoice=$(echo "$invoices" | field lago_id)
[ -n "$invoice" ] || { echo "   not yet: run me again after 1 April 2026"; exit 0; }
echo "   $(echo "$invoices" | field number): $(echo "$invoices" | field total_amount_cents) cents"
# Empty while the server cannot print; the link needs no key and opens for 24 hours.
link=$(ask POST "/invoices/$invoice/download" | field file_url)
[ -n "$link" ] || { echo "   no PDF: is wkhtmltopdf installed on the server?"; exit 0; }
curl --silent --show-error --fail --output invoice.pdf "$link"
echo "   saved as invoice.pdf"
