// Sends webhooks as five vendors do, signed or at least approved by the vendor's own SDK:   node senders.cjs ORDER
// ORDER is JSON: {"provider", "url", "secret", "first", "last", "each", "tamper", "until_taken"}. Event n of a
// provider is always the same bytes. Every answer is a line {"number", "status", "event_id", "duplicate"}, where
// status 0 is no answer at all. `each` sends one so often; `until_taken` again until it is answered with 200.
"use strict";

const { createHmac } = require("node:crypto");
const http = require("node:http");

// When each happened: an event that is sent again is the same bytes.
const happened = "2026-11-01T12:00:00Z";
const second = Date.parse(happened) / 1000;
const hmac = (secret, text, encoding) => createHmac("sha256", secret).update(text).digest(encoding);

function approved(by, yes) {
    if (!yes) throw new Error(`${by}'s SDK does not approve of what is sent`);
}

const money = 1000; // minor units of each payment

const vendors = {
    stripe: {
        body: (n) => ({
            id: `evt_${n}`,
            object: "event",
            type: "charge.succeeded",
            created: second,
            livemode: true,
            data: {
                object: {
                    id: `ch_${n}`,
                    object: "charge",
                    amount: money,
                    currency: "eur",
                    paid: true,
                    status: "succeeded",
                    customer: `cus_${n % 7}`,
                    payment_intent: `pi_${n}`,
                },
            },
        }),
        headers(body, secret) {
            const stripe = require("stripe");
            const sdk = new (stripe.default ?? stripe)("sk_test_none");
            return { "Stripe-Signature": sdk.webhooks.generateTestHeaderString({ payload: body, secret }) };
        },
    },
    svix: {
        body: (n) => ({ type: "invoice.paid", timestamp: happened, data: { id: `inv_${n}` } }),
        headers(body, secret, n) {
            const { Webhook } = require("svix");
            const at = new Date();
            return {
                "svix-id": `msg_${n}`,
                "svix-timestamp": String(Math.floor(at.getTime() / 1000)),
                "svix-signature": new Webhook(secret).sign(`msg_${n}`, at, body),
            };
        },
    },
    standardwebhooks: {
        body: (n) => ({ type: "invoice.paid", timestamp: happened, data: { id: `inv_${n}` } }),
        headers(body, secret, n) {
            const { Webhook } = require("standardwebhooks");
            const at = new Date();
            return {
                "webhook-id": `msg_${n}`,
                "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
                "webhook-signature": new Webhook(secret).sign(`msg_${n}`, at, body),
            };
        },
    },
    razorpay: {
        body: (n) => ({
            entity: "event",
            account_id: "acc_promises",
            event: "payment.captured",
            contains: ["payment"],
            payload: {
                payment: {
                    entity: {
                        id: `pay_${n}`,
                        entity: "payment",
                        amount: money,
                        currency: "INR",
                        status: "captured",
                        captured: true,
                        created_at: second,
                    },
                },
            },
            created_at: second,
        }),
        headers(body, secret, n) {
            const { validateWebhookSignature } = require("razorpay/dist/utils/razorpay-utils");
            const signature = hmac(secret, body, "hex");
            approved("Razorpay", validateWebhookSignature(body, signature, secret));
            return { "X-Razorpay-Signature": signature, "X-Razorpay-Event-Id": `rzp_${n}` };
        },
    },
    shopify: {
        body: (n) => ({
            id: n,
            name: `#${n}`,
            admin_graphql_api_id: `gid://shopify/Order/${n}`,
            currency: "USD",
            total_price: "10.00",
            financial_status: "paid",
            created_at: happened,
        }),
        async headers(body, secret, n) {
            require("@shopify/shopify-api/adapters/node");
            const { shopifyApi, ApiVersion } = require("@shopify/shopify-api");
            const shop = shopifyApi({
                apiKey: "key",
                apiSecretKey: secret,
                apiVersion: Object.values(ApiVersion).at(-1),
                hostName: "promises.example",
                isEmbeddedApp: true,
                logger: { log: () => {} },
            });
            const headers = {
                "X-Shopify-Hmac-Sha256": hmac(secret, body, "base64"),
                "X-Shopify-Topic": "orders/paid",
                "X-Shopify-Shop-Domain": "promises.myshopify.com",
                "X-Shopify-Webhook-Id": `hook_${n}`,
                "X-Shopify-API-Version": "2026-01",
            };
            const judged = await shop.webhooks.validate({ rawBody: body, rawRequest: { headers, method: "POST", url: "/" } });
            approved("Shopify", judged.valid);
            return headers;
        },
    },
};

const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

function post(url, headers, body) {
    return new Promise((resolve) => {
        const request = http.request(url, { method: "POST", agent, headers, timeout: 20000 }, (response) => {
            let text = "";
            response.on("data", (piece) => (text += piece));
            response.on("end", () => resolve({ status: response.statusCode, text }));
            response.on("error", () => resolve({ status: 0, text: "" }));
        });
        request.on("timeout", () => request.destroy(new Error("no answer in 20 s")));
        request.on("error", () => resolve({ status: 0, text: "" }));
        // However it ends; what came first counts.
        request.on("close", () => resolve({ status: 0, text: "" }));
        request.end(body);
    });
}

async function send(order, vendor, number) {
    // The same bytes each time, as a vendor keeps them.
    const body = JSON.stringify(vendor.body(number));
    for (let sent = 0, taken = false; sent < order.each || (order.until_taken && !taken); sent++) {
        const headers = await vendor.headers(body, order.secret, number);
        const bytes = order.tamper ? body.replace(/[0-9]/, (digit) => String((Number(digit) + 1) % 10)) : body;
        const answer = await post(order.url, { "Content-Type": "application/json", ...headers }, bytes);
        taken = taken || answer.status === 200;
        const said = answer.status === 200 ? JSON.parse(answer.text) : {};
        console.log(JSON.stringify({ number, status: answer.status, event_id: said.event_id ?? "", duplicate: said.duplicate ?? false }));
        // As vendors do, only sooner.
        if (!taken) await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

async function main() {
    const order = { each: 1, tamper: false, until_taken: false, ...JSON.parse(process.argv[2]) };
    const vendor = vendors[order.provider];
    let next = order.first;
    const lane = async () => {
        while (next <= order.last) await send(order, vendor, next++);
    };
    await Promise.all(Array.from({ length: 8 }, lane));
}

main().then(
    () => process.exit(0),
    (error) => {
        console.error(error);
        process.exit(1);
    },
);
