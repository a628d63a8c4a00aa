/*
 * A stand-in for Stripe.js, served by the double: a card can be typed and confirmed without the
 * Internet. It has what Odoo's payment form uses: elements({mode}), create("payment"), submit,
 * confirmPayment and confirmSetup, and a window that asks for 3-D Secure.
 * It is loaded only for a provider in test mode whose Stripe is the double on this machine.
 */
(() => {
    "use strict";

    const API = new URL("/v1/", document.currentScript.src).href;
    const FIELDS = [
        ["number", "Card number", "1234 1234 1234 1234", "cc-number"],
        ["expiry", "Expiration date (MM / YY)", "MM / YY", "cc-exp"],
        ["cvc", "Security code", "CVC", "cc-csc"],
    ];

    function make(tag, attributes = {}, ...children) {
        const element = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes)) {
            element.setAttribute(name, value);
        }
        element.append(...children);
        return element;
    }

    /** The form that takes the place of Stripe's own frame. */
    class PaymentElement {
        constructor(options) {
            this.billing = (options.defaultValues || {}).billingDetails || {};
            this.listeners = {};
            this.inputs = {};
        }

        on(event, listener) {
            this.listeners[event] = listener;
            return this;
        }

        mount(target) {
            const container =
                typeof target === "string" ? document.querySelector(target) : target;
            const row = make("div", { class: "row g-2" });
            for (const [name, label, placeholder, autocomplete] of FIELDS) {
                const id = `stripe_double_${name}_${Math.random().toString(36).slice(2)}`;
                const attributes = { id, placeholder, autocomplete, inputmode: "numeric" };
                this.inputs[name] = make("input", {
                    ...attributes,
                    name: `stripe_double_${name}`,
                    class: "form-control",
                });
                row.append(
                    make(
                        "div",
                        { class: name === "number" ? "col-12" : "col-6" },
                        make("label", { for: id, class: "form-label mb-1" }, label),
                        this.inputs[name]
                    )
                );
            }
            const note = make("div", { class: "form-text mb-2" });
            note.textContent =
                "Test mode: a Stripe on this machine. 4242 4242 4242 4242 succeeds.";
            container.replaceChildren(row, note);
            this.listeners.ready?.({ elementType: "payment" });
        }

        /** What is missing, in words; nothing when all is there. */
        problem() {
            const number = this.inputs.number.value.replace(/\s/g, "");
            if (!/^\d{12,19}$/.test(number)) {
                return "Your card number is incomplete.";
            }
            if (!/^(0?[1-9]|1[0-2])\s*\/\s*\d{2}$/.test(this.inputs.expiry.value.trim())) {
                return "Your card's expiration date is incomplete.";
            }
            if (!/^\d{3,4}$/.test(this.inputs.cvc.value.trim())) {
                return "Your card's security code is incomplete.";
            }
            return "";
        }

        card() {
            const [month, year] = this.inputs.expiry.value.split("/").map((part) => part.trim());
            return {
                type: "card",
                "card[number]": this.inputs.number.value.replace(/\s/g, ""),
                "card[exp_month]": String(Number(month)),
                "card[exp_year]": `20${year}`,
                "billing_details[name]": this.billing.name || "",
                "billing_details[email]": this.billing.email || "",
            };
        }
    }

    class Elements {
        constructor(options) {
            this.options = options;
        }

        create(kind, options = {}) {
            if (kind !== "payment") {
                throw new Error(`The double has no element '${kind}'.`);
            }
            this.payment = new PaymentElement(options);
            return this.payment;
        }

        update(options) {
            Object.assign(this.options, options);
        }

        async submit() {
            const message = this.payment.problem();
            if (message) {
                // What Odoo catches and shows.
                throw Object.assign(new Error(message), { type: "validation_error" });
            }
            return {};
        }
    }

    /** Ask the customer, as the bank's own page does inside Stripe's window. */
    function askForConfirmation(intent) {
        const amount = intent.amount
            ? `${(intent.amount / 100).toFixed(2)} ${intent.currency.toUpperCase()}`
            : "saving this card";
        const accept = make("button", { class: "btn btn-primary", type: "button" }, "Confirm");
        const refuse = make("button", { class: "btn btn-light", type: "button" }, "Refuse");
        accept.name = "stripe_double_accept";
        refuse.name = "stripe_double_refuse";
        const box = make(
            "div",
            { class: "bg-white rounded shadow p-4", style: "max-width: 26rem" },
            make("h4", {}, "3-D Secure"),
            make("p", {}, `Your bank asks: do you confirm ${amount}?`),
            make("p", { class: "text-muted small" }, "This is the double; no bank is asked."),
            make("div", { class: "d-flex gap-2" }, accept, refuse)
        );
        const veil = make(
            "div",
            {
                class: "o_stripe_double_3ds position-fixed top-0 start-0 w-100 h-100 d-flex "
                    + "align-items-center justify-content-center",
                style: "z-index: 10000; background: rgba(0, 0, 0, .5)",
                role: "dialog",
                "aria-modal": "true",
            },
            box
        );
        // A page that is loading blocks itself: its veil would lie over this one.
        document.body.append(veil);
        accept.focus();
        return new Promise((resolve) => {
            for (const [button, outcome] of [[accept, "accepted"], [refuse, "refused"]]) {
                button.addEventListener("click", () => {
                    veil.remove();
                    resolve(outcome);
                });
            }
        });
    }

    class StripeStandIn {
        constructor(key) {
            this.key = key;
        }

        elements(options = {}) {
            return new Elements(options);
        }

        confirmPayment(options) {
            return this.confirm("payment_intents", options);
        }

        confirmSetup(options) {
            return this.confirm("setup_intents", options);
        }

        /** Confirm an intent; ends on the return page, or with what went wrong. */
        async confirm(kind, { elements, clientSecret, confirmParams }) {
            const path = `${kind}/${clientSecret.split("_secret_")[0]}`;
            const secret = { client_secret: clientSecret };
            let answer = await this.post("payment_methods", elements.payment.card());
            if (!answer.error) {
                const future = elements.options.setupFutureUsage;
                answer = await this.post(`${path}/confirm`, {
                    ...secret,
                    payment_method: answer.id,
                    ...(future ? { setup_future_usage: future } : {}),
                });
            }
            if (answer.status === "requires_action") {
                const outcome = await askForConfirmation(answer);
                answer = await this.post(`${path}/authenticate`, { ...secret, outcome });
            }
            const error =
                answer.error ||
                (answer.status === "requires_payment_method" &&
                    (answer.last_payment_error || answer.last_setup_error));
            if (error) {
                return { error };
            }
            const back = new URL(confirmParams.return_url);
            const name = kind === "payment_intents" ? "payment_intent" : "setup_intent";
            back.searchParams.set(name, answer.id);
            back.searchParams.set(`${name}_client_secret`, clientSecret);
            back.searchParams.set("redirect_status", answer.status);
            window.location.assign(back.href);
            return new Promise(() => {}); // the page is leaving
        }

        async post(path, values) {
            const body = new URLSearchParams({ key: this.key, ...values });
            try {
                const response = await fetch(API + path, { method: "POST", body });
                return await response.json();
            } catch {
                return { error: { type: "api_connection_error", message: "Stripe did not answer." } };
            }
        }
    }

    window.Stripe = (key) => new StripeStandIn(key);
})();
