// Sends messages with Slack's own clients:   node send_with_slack_sdk.cjs FILE
// FILE holds {"api_url", "token", "calls": [{"method" or "webhook", "message"}]}. Prints what came back, one line each.
"use strict";

const { readFileSync } = require("node:fs");
const { WebClient } = require("@slack/web-api");
const { IncomingWebhook } = require("@slack/webhook");

async function main() {
    const wanted = JSON.parse(readFileSync(process.argv[2], "utf8"));
    const client = new WebClient(wanted.token, {
        slackApiUrl: wanted.api_url + "/",
        retryConfig: { retries: 0 },
        allowAbsoluteUrls: false,
    });
    for (const call of wanted.calls) {
        const answer = call.webhook
            ? await new IncomingWebhook(call.webhook).send(call.message)
            : await client.apiCall(call.method, call.message);
        console.log(JSON.stringify({ ok: call.webhook ? answer.text === "ok" : answer.ok }));
    }
}

main().catch((error) => {
    console.error(error);
    process.exitCode = 1;
});
